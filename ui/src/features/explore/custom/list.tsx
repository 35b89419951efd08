// The metrics that people of the workspace made.
import { Badge, Code, Table, Text } from '@mantine/core'
import { IconMathFunction, IconPencil, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMay } from '@/api/session'
import { Card } from '@/parts/card'
import { ButtonLink, IconLink, TextLink } from '@/parts/link'
import { Loaded } from '@/parts/loaded'
import { Empty, useSaying } from '@/parts/state'
import { Since } from '@/parts/when'
import { useTexts } from '@/texts'
import { metricName } from '../metrics'
import { plainName } from './draft'
import { Frame } from './frame'
import { customsQuery, type Custom } from './queries'

/** The page of custom metrics. */
export function CustomMetricsPage() {
  const texts = useTexts('custom')
  const found = useQuery(customsQuery)
  const mayCompose = useMay('compose')
  const add = mayCompose && (
    <ButtonLink to="/explore/metrics/new" size="xs" leftSection={<IconPlus size={16} aria-hidden />}>
      {texts.add}
    </ButtonLink>
  )
  return (
    <Frame actions={add}>
      <Loaded query={found}>
        {(metrics) =>
          metrics.length === 0 ? (
            <Empty icon={IconMathFunction} title={texts.none} about={mayCompose ? texts.noneAbout : texts.noneView} />
          ) : (
            <Listed metrics={metrics} />
          )
        }
      </Loaded>
    </Frame>
  )
}

function Listed({ metrics }: { metrics: readonly Custom[] }) {
  const texts = useTexts('custom')
  return (
    <Card flush>
      <Table.ScrollContainer
        minWidth={640}
        scrollAreaProps={{ viewportProps: { 'aria-label': texts.title, role: 'group' } }}
      >
        <Table verticalSpacing="sm" horizontalSpacing="md" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{texts.name}</Table.Th>
              <Table.Th>{texts.formula}</Table.Th>
              <Table.Th>{texts.unit}</Table.Th>
              <Table.Th>{texts.owner}</Table.Th>
              <Table.Th>{texts.changed}</Table.Th>
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {metrics.map((one) => (
              <Row key={one.name} metric={one} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  )
}

function Row({ metric }: { metric: Custom }) {
  const texts = useTexts('custom')
  const saying = useSaying()
  const { name, about, formula, unit, owner, changed_at: changed, may_edit: mayEdit, problems } = metric
  return (
    <Table.Tr>
      <Table.Td>
        <TextLink to="/explore" search={{ metrics: [name] }} fw={600} size="sm">
          {metricName(name)}
        </TextLink>
        {problems.length > 0 && (
          <Badge
            color="orange"
            size="sm"
            ml={8}
            title={problems.map(({ code, message }) => saying(code, message)).join(' ')}
          >
            {texts.broken}
          </Badge>
        )}
        <Text size="xs" c="dimmed" lineClamp={2} maw={320}>
          {about}
        </Text>
      </Table.Td>
      <Table.Td>
        <Code>{formula}</Code>
      </Table.Td>
      <Table.Td>{unit}</Table.Td>
      <Table.Td>{owner?.name ?? texts.nobody}</Table.Td>
      <Table.Td>{changed !== null && <Since at={changed} />}</Table.Td>
      <Table.Td>
        {mayEdit && (
          <IconLink
            to="/explore/metrics/$name"
            params={{ name: plainName(name) }}
            variant="subtle"
            color="gray"
            aria-label={texts.editOf(metricName(name))}
          >
            <IconPencil size={16} aria-hidden />
          </IconLink>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
