import { Badge, Group, List, SimpleGrid, Text, ThemeIcon } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Card } from '@/parts/card'
import { TextLink } from '@/parts/link'
import { Loaded } from '@/parts/loaded'
import { useFormats, useTexts } from '@/texts'
import { healthQuery, type Health } from './queries'

const MARKS = {
  ok: { icon: IconCheck, color: 'green' },
  warning: { icon: IconAlertTriangle, color: 'orange' },
  failing: { icon: IconX, color: 'red' },
} as const

/** Whether everything is kept and deleted as promised, part by part. */
export function HealthCard() {
  const texts = useTexts('operations')
  const health = useQuery(healthQuery)
  const state =
    health.data && (health.data.status === 'failing' ? 'failing' : health.data.warnings.length > 0 ? 'warning' : 'ok')
  return (
    <Card
      title={texts.health}
      actions={
        state && (
          <Badge miw="max-content" size="lg" color={MARKS[state].color}>
            {texts.healths[state]}
          </Badge>
        )
      }
    >
      <Loaded query={health} height={120}>
        {(found) => <Parts health={found} />}
      </Loaded>
    </Card>
  )
}

function Parts({ health }: { health: Health }) {
  const texts = useTexts('operations')
  const parts = Object.entries(health.parts) as [keyof Health['parts'], keyof typeof MARKS][]
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 5 }} spacing="md">
        {parts.map(([part, status]) => {
          const { icon: Mark, color } = MARKS[status]
          return (
            <Group key={part} gap="sm" wrap="nowrap" align="flex-start">
              <ThemeIcon
                size={24}
                radius="xl"
                variant="light"
                color={color}
                role="img"
                aria-label={texts.healths[status]}
              >
                <Mark size={15} stroke={2.2} aria-hidden />
              </ThemeIcon>
              <div>
                <Text size="sm" fw={550}>
                  {texts.parts[part]}
                </Text>
                <Text size="xs" c="dimmed">
                  {texts.partAbout[part]}
                </Text>
              </div>
            </Group>
          )
        })}
      </SimpleGrid>
      <Reasons health={health} />
    </>
  )
}

function Reasons({ health }: { health: Health }) {
  const texts = useTexts('operations')
  const formats = useFormats()
  const all = [...health.reasons, ...health.warnings]
  if (all.length === 0) return null
  return (
    <List size="sm" mt="md" spacing={6} aria-label={texts.reasons}>
      {all.map((one) => (
        <List.Item key={`${one.code} ${one.stream ?? ''} ${one.day ?? ''}`}>
          {texts.reasonTexts[one.code] ?? one.message}{' '}
          {one.stream && one.day && (
            <TextLink
              to="/days/$stream/$day"
              params={{ stream: one.stream, day: one.day }}
              underline="always"
              size="sm"
            >
              {`${one.stream}, ${formats.weekday(one.day)}`}
            </TextLink>
          )}
        </List.Item>
      ))}
    </List>
  )
}
