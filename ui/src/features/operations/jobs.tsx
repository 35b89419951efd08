import { Badge, Button, Progress, Table, Text } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Card } from '@/parts/card'
import { Loaded } from '@/parts/loaded'
import { Empty, useSaying } from '@/parts/state'
import { When } from '@/parts/when'
import { WideTable } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { errorOf } from '@/parts/coded'
import { lasted } from './job'
import { jobsQuery, type Job } from './queries'
import { StartJob } from './start'

const COLORS: Record<Job['state'], string> = {
  queued: 'gray',
  running: 'blue',
  done: 'green',
  failed: 'red',
  held: 'orange',
}

/** What the workers do and did, the newest first, and a way to have something done now. */
export function Jobs() {
  const texts = useTexts('operations')
  const jobs = useQuery(jobsQuery)
  const [isStarting, setIsStarting] = useState(false)
  const start = (
    <Button
      variant="light"
      leftSection={<IconPlayerPlay size={16} />}
      onClick={() => {
        setIsStarting(true)
      }}
    >
      {texts.start}
    </Button>
  )
  return (
    <Card title={texts.jobs} about={texts.jobsAbout} actions={start} flush>
      <Loaded query={jobs} height={240}>
        {(found) =>
          found.length === 0 ? <Empty title={texts.noJobs} about={texts.noJobsAbout} /> : <JobsTable jobs={found} />
        }
      </Loaded>
      {isStarting && (
        <StartJob
          onClose={() => {
            setIsStarting(false)
          }}
        />
      )}
    </Card>
  )
}

function JobsTable({ jobs }: { jobs: readonly Job[] }) {
  const texts = useTexts('operations')
  return (
    <WideTable
      least={820}
      head={[
        texts.job,
        texts.state,
        texts.queued,
        { right: texts.took },
        { right: texts.days },
        { right: texts.rows },
        texts.outcome,
      ]}
    >
      {jobs.map((job) => (
        <JobRow key={job.id} job={job} />
      ))}
    </WideTable>
  )
}

function JobRow({ job }: { job: Job }) {
  const texts = useTexts('operations')
  const formats = useFormats()
  const { from, to } = job.parameters as { from?: string; to?: string }
  return (
    <Table.Tr style={{ verticalAlign: 'top' }}>
      <Table.Td>
        <Text size="sm" fw={550}>
          {texts.jobNames[job.job] ?? job.job}
        </Text>
        <Text size="xs" c="dimmed">
          {texts.causes[job.cause] ?? texts.bySchedule}
          {from && to && ` · ${from} – ${to}`}
        </Text>
      </Table.Td>
      <Table.Td>
        <Badge miw="max-content" color={COLORS[job.state]}>
          {texts.states[job.state]}
        </Badge>
        {job.state === 'running' && (
          <Progress
            value={job.percent}
            size="sm"
            mt={6}
            w={90}
            aria-label={texts.percent(formats.count(Math.round(job.percent)))}
          />
        )}
      </Table.Td>
      <Table.Td>{job.queued_at && <When at={job.queued_at} />}</Table.Td>
      <Table.Td ta="right">{job.seconds === null ? '–' : lasted(job.seconds, formats.locale)}</Table.Td>
      <Table.Td ta="right">{formats.count(job.days)}</Table.Td>
      <Table.Td ta="right">{formats.count(job.rows)}</Table.Td>
      <Table.Td maw={360}>
        <Outcome job={job} />
      </Table.Td>
    </Table.Tr>
  )
}

function Outcome({ job }: { job: Job }) {
  const texts = useTexts('operations')
  const formats = useFormats()
  const saying = useSaying()
  const error = errorOf(job.error)
  return (
    <>
      {job.attempts > 1 && (
        <Text size="xs" c="dimmed">
          {texts.attempts(formats.count(job.attempts))}
        </Text>
      )}
      {error && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {error.code === null ? error.message : (texts.errors[error.code] ?? saying(error.code, error.message))}
        </Text>
      )}
      {error?.code && (
        <Text size="xs" c="dimmed" ff="monospace">
          {error.code}
        </Text>
      )}
    </>
  )
}
