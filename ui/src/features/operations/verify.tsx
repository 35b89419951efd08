import { Alert, Button, Stack } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { client, take } from '@/api/client'
import { Refused, useRefusal } from '@/parts/refused'
import { useFormats, useTexts } from '@/texts'
import { errorOf } from '@/parts/coded'
import { jobQuery, type Job } from './queries'

/** Has the whole chain checked against everything that it covers, and says what came of it. */
export function VerifyLedger() {
  const texts = useTexts('operations')
  const starting = useMutation({ mutationFn: () => take(client.POST('/v1/jobs', { body: { job: 'verify' } })) })
  const { rest } = useRefusal(starting.error, {})
  const id = starting.data?.id
  const job = useQuery({ ...jobQuery(id ?? 0), enabled: id !== undefined }).data
  const isUnderWay =
    starting.isPending || (id !== undefined && (job === undefined || job.state === 'queued' || job.state === 'running'))
  return (
    <Stack gap="xs" align="flex-end">
      <Button
        variant="light"
        leftSection={<IconShieldCheck size={16} />}
        loading={isUnderWay}
        onClick={() => {
          starting.mutate()
        }}
      >
        {texts.verify}
      </Button>
      <div role="status">
        {job && !isUnderWay && <Result job={job} />}
        <Refused said={rest} />
      </div>
    </Stack>
  )
}

function Result({ job }: { job: Job }) {
  const texts = useTexts('operations')
  const formats = useFormats()
  const holds = job.state === 'done'
  return (
    <Alert color={holds ? 'green' : 'red'} p="xs" title={holds ? texts.holds : texts.broken} maw={360}>
      {holds ? texts.holdsAbout(formats.count(job.rows), formats.count(job.days)) : errorOf(job.error)?.message}
    </Alert>
  )
}
