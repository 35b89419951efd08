import { Group, Select, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take } from '@/api/client'
import { Confirm } from '@/parts/confirm'
import { tell } from '@/parts/notices'
import { useTexts } from '@/texts'

// Jobs that people start by name; those that delete are confirmed, and one takes days.
const JOBS = ['roll', 'verify', 'nightly', 'purge', 'move', 'close', 'publish', 'sweep'] as const
const DELETING: readonly string[] = ['nightly', 'purge']
const RANGED = 'roll'

/** Has a job done now; one that deletes only after its name was typed. */
export function StartJob({ onClose }: { onClose: () => void }) {
  const texts = useTexts('operations')
  const [job, setJob] = useState<string>('roll')
  const [range, setRange] = useState({ from: '', to: '' })
  const queries = useQueryClient()
  const days = job === RANGED ? { ...(range.from && { from: range.from }), ...(range.to && { to: range.to }) } : {}
  const starting = useMutation({
    mutationFn: () => take(client.POST('/v1/jobs', { body: { job, ...days } })),
    onSuccess: async () => {
      tell({ message: texts.started, tone: 'good' })
      onClose()
      await queries.invalidateQueries({ queryKey: ['jobs'] })
    },
  })
  const deletes = DELETING.includes(job)
  return (
    <Confirm
      key={job}
      title={texts.startTitle}
      about={texts.jobAbout[job] ?? ''}
      {...(deletes && { name: { value: job, label: texts.startConfirm(job) } })}
      submit={texts.startSubmit}
      isDanger={deletes}
      isPending={starting.isPending}
      error={starting.error}
      onSubmit={() => {
        starting.mutate()
      }}
      onClose={onClose}
    >
      <Select
        label={texts.job}
        allowDeselect={false}
        data={JOBS.map((name) => ({ value: name, label: texts.jobNames[name] ?? name }))}
        value={job}
        onChange={(name) => {
          setJob(name ?? 'roll')
          starting.reset()
        }}
      />
      {job === RANGED && <Days range={range} onRange={setRange} />}
    </Confirm>
  )
}

interface Range {
  from: string
  to: string
}

function Days({ range, onRange }: { range: Range; onRange: (range: Range) => void }) {
  const texts = useTexts('operations')
  return (
    <>
      <Group grow>
        {(['from', 'to'] as const).map((part) => (
          <TextInput
            key={part}
            type="date"
            label={texts[part]}
            value={range[part]}
            onChange={(event) => {
              onRange({ ...range, [part]: event.currentTarget.value })
            }}
          />
        ))}
      </Group>
      <Text size="xs" c="dimmed">
        {texts.rangeAbout}
      </Text>
    </>
  )
}
