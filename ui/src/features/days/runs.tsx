import { Anchor, Table, Text } from '@mantine/core'
import { Fragment, useMemo, useState } from 'react'
import { Wide } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { StateName } from './state-mark'
import { runsOf, stateOf, type KnownDay, type Run } from './states'
import { distance } from './weeks'

interface RunsProps {
  stream: string
  days: readonly KnownDay[]
  onOpen: (day: string) => void
}

/** A stream's days as a list: neighbours of one state stand in one line, which shows each of them when it is opened. */
export function Runs({ stream, days, onOpen }: RunsProps) {
  const texts = useTexts('days')
  const runs = useMemo(() => runsOf(days, (older, newer) => distance(older, newer) === 1), [days])
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const toggle = (run: Run<KnownDay>) => {
    setOpen((now) => (now.has(run.to) ? new Set([...now].filter((one) => one !== run.to)) : new Set([...now, run.to])))
  }
  return (
    <Wide least={320}>
      <Table aria-label={texts.runs(stream)} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{texts.day}</Table.Th>
            <Table.Th>{texts.state}</Table.Th>
            <Table.Th ta="right">{texts.recordsHead}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Fragment key={run.to}>
              <RunRow
                run={run}
                isOpen={open.has(run.to)}
                onToggle={() => {
                  toggle(run)
                }}
                onOpen={onOpen}
              />
              {open.has(run.to) && run.days.map((day) => <DayRow key={day.day} day={day} onOpen={onOpen} />)}
            </Fragment>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  )
}

interface RunRowProps {
  run: Run<KnownDay>
  isOpen: boolean
  onToggle: () => void
  onOpen: (day: string) => void
}

function RunRow({ run, isOpen, onToggle, onOpen }: RunRowProps) {
  const texts = useTexts('days')
  const formats = useFormats()
  const [only, count] = [run.days.length === 1, run.days.length]
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor
          component="button"
          type="button"
          size="sm"
          ta="left"
          aria-expanded={only ? undefined : isOpen}
          onClick={
            only
              ? () => {
                  onOpen(run.from)
                }
              : onToggle
          }
        >
          {only ? formats.weekday(run.from) : texts.fromTo(formats.weekday(run.from), formats.weekday(run.to))}
        </Anchor>
        {!only && (
          <Text size="xs" c="dimmed">
            {texts.days(count, formats.count(count))}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <StateName state={run.state} />
      </Table.Td>
      <Table.Td ta="right">{formats.count(run.records)}</Table.Td>
    </Table.Tr>
  )
}

function DayRow({ day, onOpen }: { day: KnownDay; onOpen: (day: string) => void }) {
  const formats = useFormats()
  return (
    <Table.Tr bg="var(--quiet)">
      <Table.Td pl="xl">
        <Anchor
          component="button"
          type="button"
          size="sm"
          onClick={() => {
            onOpen(day.day)
          }}
        >
          {formats.weekday(day.day)}
        </Anchor>
      </Table.Td>
      <Table.Td>
        <StateName state={stateOf(day)} />
      </Table.Td>
      <Table.Td ta="right">{formats.count(day.records)}</Table.Td>
    </Table.Tr>
  )
}
