import { Badge, Code, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Schema } from '@/api/client'
import { Card } from '@/parts/card'
import { Loaded } from '@/parts/loaded'
import { Empty } from '@/parts/state'
import { Since, When } from '@/parts/when'
import { WideTable } from '@/parts/wide'
import { useTexts } from '@/texts'
import { schedulesQuery, workersQuery } from './queries'

const COLORS: Record<string, string> = { queued: 'gray', running: 'blue', done: 'green', failed: 'red', held: 'orange' }

/** What is done by itself and when, and who does it. */
export function Schedules() {
  const texts = useTexts('operations')
  const schedules = useQuery(schedulesQuery)
  const workers = useQuery(workersQuery)
  return (
    <Stack gap="lg">
      <Card title={texts.schedules} about={texts.schedulesAbout} flush>
        <Loaded query={schedules}>{(found) => <SchedulesTable schedules={found} />}</Loaded>
      </Card>
      <Card title={texts.workers} about={texts.workersAbout} flush>
        <Loaded query={workers}>
          {(found) =>
            found.length === 0 ? (
              <Empty title={texts.noWorkers} about={texts.noWorkersAbout} />
            ) : (
              <WorkersTable workers={found} />
            )
          }
        </Loaded>
      </Card>
    </Stack>
  )
}

function SchedulesTable({ schedules }: { schedules: readonly Schema['ScheduleOut'][] }) {
  const texts = useTexts('operations')
  const head = [texts.job, texts.cron, texts.next, texts.last]
  return (
    <WideTable least={640} head={head}>
      {schedules.map((one) => (
        <Table.Tr key={one.name} style={{ verticalAlign: 'top' }}>
          <Table.Td>
            <Text size="sm" fw={550}>
              {texts.jobNames[one.job] ?? one.job}
            </Text>
            <Text size="xs" c="dimmed">
              {texts.jobAbout[one.job]}
            </Text>
          </Table.Td>
          <Table.Td>
            <Code>{one.cron}</Code>
            <Text size="xs" c="dimmed">
              {one.zone}
            </Text>
          </Table.Td>
          <Table.Td>{one.next_at && <When at={one.next_at} />}</Table.Td>
          <Table.Td>
            {one.last_at === null ? texts.neverRun : <When at={one.last_at} />}
            {one.last_state !== null && (
              <Badge miw="max-content" ml="xs" color={COLORS[one.last_state]}>
                {texts.states[one.last_state]}
              </Badge>
            )}
          </Table.Td>
        </Table.Tr>
      ))}
    </WideTable>
  )
}

function WorkersTable({ workers }: { workers: readonly Schema['WorkerOut'][] }) {
  const texts = useTexts('operations')
  const head = [texts.worker, texts.since, texts.seen, texts.does]
  return (
    <WideTable least={560} head={head}>
      {workers.map((one) => (
        <Table.Tr key={one.id}>
          <Table.Td>
            <Code>{one.id}</Code>
          </Table.Td>
          <Table.Td>{one.since && <When at={one.since} />}</Table.Td>
          <Table.Td>{one.seen_at && <Since at={one.seen_at} />}</Table.Td>
          <Table.Td>
            {one.job === null ? (
              <Text size="sm" c="dimmed">
                {texts.waits}
              </Text>
            ) : (
              (texts.jobNames[one.job.name] ?? one.job.name)
            )}
          </Table.Td>
        </Table.Tr>
      ))}
    </WideTable>
  )
}
