import { Badge, List, Select, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { Schema } from '@/api/client'
import { Card } from '@/parts/card'
import { TextLink } from '@/parts/link'
import { Loaded } from '@/parts/loaded'
import { WideTable } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { planQuery } from './queries'
import { AHEAD } from './routes'
import { Switches } from './switches'
import { shift } from './weeks'

const route = getRouteApi('/inside/days/deletion')
/** What goes next, what cannot be answered any more then, and for which streams deletion is on. */
export function Deletion() {
  const texts = useTexts('days')
  const { ahead = 7 } = route.useSearch()
  const navigate = useNavigate()
  const plan = useQuery(planQuery(ahead))
  const within = (
    <Select
      aria-label={texts.ahead}
      w={130}
      allowDeselect={false}
      data={AHEAD.map((days) => ({ value: String(days), label: texts.aheadDays(days) }))}
      value={String(ahead)}
      onChange={(value) => void navigate({ to: '/days/deletion', search: { ahead: Number(value) } })}
    />
  )
  return (
    <Stack gap="lg">
      <Card title={texts.planTitle} about={texts.planAbout} actions={within} flush>
        <Loaded query={plan} height={240}>
          {(found) => <Plan days={found.days} />}
        </Loaded>
      </Card>
      <Card title={texts.endsTitle} about={texts.endsAbout}>
        <Loaded query={plan} height={120}>
          {(found) => <Ends ends={found.ends} />}
        </Loaded>
      </Card>
      <Switches />
    </Stack>
  )
}

function Plan({ days }: { days: readonly Schema['GoingOut'][] }) {
  const texts = useTexts('days')
  const formats = useFormats()
  if (days.length === 0)
    return (
      <Text c="dimmed" size="sm" px="md" pb="md">
        {texts.planNone}
      </Text>
    )
  return (
    <WideTable
      least={560}
      head={[texts.day, texts.stream, { right: texts.recordsHead }, texts.due, texts.outlook]}
      spacing="xs"
    >
      {days.map((one) => (
        <Table.Tr key={`${one.stream} ${one.day}`}>
          <Table.Td>
            <TextLink to="/days/$stream/$day" params={{ stream: one.stream, day: one.day }} size="sm">
              {formats.weekday(one.day)}
            </TextLink>
          </Table.Td>
          <Table.Td>{one.stream}</Table.Td>
          <Table.Td ta="right">{formats.count(one.records)}</Table.Td>
          <Table.Td>{formats.weekday(shift(one.deadline, -1))}</Table.Td>
          <Table.Td>
            <Outlook day={one} />
          </Table.Td>
        </Table.Tr>
      ))}
    </WideTable>
  )
}

function Outlook({ day }: { day: Schema['GoingOut'] }) {
  const texts = useTexts('days')
  if (day.goes)
    return (
      <Badge miw="max-content" color="green">
        {texts.goes}
      </Badge>
    )
  const why =
    day.blocked === null ? null : (texts.blocked[day.blocked] ?? texts.heldFor[day.blocked.replace('HELD_', '')]?.why)
  return (
    <>
      <Badge miw="max-content" color="orange">
        {texts.stays}
      </Badge>
      <Text size="xs" c="dimmed">
        {why ?? day.detail ?? day.blocked}
      </Text>
    </>
  )
}

function Ends({ ends }: { ends: readonly Schema['EndOut'][] }) {
  const texts = useTexts('days')
  if (ends.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {texts.endsNone}
      </Text>
    )
  return (
    <List size="sm" spacing="sm">
      {ends.map(({ stream, question, why }) => (
        <List.Item key={`${stream} ${question}`}>
          <Text size="sm">
            {question}{' '}
            <Badge miw="max-content" color="gray">
              {stream}
            </Badge>
          </Text>
          <Text size="xs" c="dimmed">
            {why}
          </Text>
        </List.Item>
      ))}
    </List>
  )
}
