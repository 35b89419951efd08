import { Group, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { Card } from '@/parts/card'
import { Loaded } from '@/parts/loaded'
import { useFormats, useTexts } from '@/texts'
import { Calendar } from './calendar'
import { daysQuery, type Day, type Stream } from './queries'
import { Runs } from './runs'
import { countStates, STATES } from './states'
import { StateMark } from './state-mark'
import { useKeep } from '@/parts/keep'
import type { Range, Weekday } from './weeks'

export interface Place {
  range: Range
  weekStart: Weekday
  today: string
}

interface StreamDaysProps {
  stream: Stream
  place: Place
  isList: boolean
  chosen: string | undefined
  onOpen: (stream: string, day: string) => void
}

/** One stream's days: how many are in each state, and each of them as a calendar, or as a list where there is no room. */
export function StreamDays({ stream, place, isList, chosen, onOpen }: StreamDaysProps) {
  const texts = useTexts('days')
  const keep = useKeep()(stream.declared)
  const days = useQuery(daysQuery(stream.name, place.range))
  const isNarrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const open = (day: string) => {
    onOpen(stream.name, day)
  }
  return (
    <Card title={stream.name} about={`${stream.about} ${keep === null ? texts.keepsForever : texts.keeps(keep)}`}>
      <Loaded query={days} height={190}>
        {(found) => (
          <>
            <Legend days={found} />
            {found.length === 0 && (
              <Text c="dimmed" size="sm">
                {texts.noneInPeriod}
              </Text>
            )}
            {found.length > 0 && (isList || isNarrow) && <Runs stream={stream.name} days={found} onOpen={open} />}
            {found.length > 0 && !isList && !isNarrow && (
              <Calendar stream={stream.name} days={found} {...place} chosen={chosen} onOpen={open} />
            )}
          </>
        )}
      </Loaded>
    </Card>
  )
}

function Legend({ days }: { days: readonly Day[] }) {
  const texts = useTexts('days')
  const formats = useFormats()
  const counts = useMemo(() => countStates(days), [days])
  const shown = STATES.filter((state) => counts[state] > 0)
  return (
    <Group component="ul" aria-label={texts.legend} gap="md" p={0} m={0} mb="sm" style={{ listStyle: 'none' }}>
      {shown.map((state) => (
        <Group component="li" key={state} gap={6} wrap="nowrap" title={texts.stateAbout[state]}>
          <StateMark state={state} />
          <Text size="sm">
            {texts.states[state]}{' '}
            <Text span c="dimmed" inherit>
              {formats.count(counts[state])}
            </Text>
          </Text>
        </Group>
      ))}
    </Group>
  )
}
