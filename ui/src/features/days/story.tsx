import { Text } from '@mantine/core'
import { useSession } from '@/api/session'
import { useFormats, useTexts, type Texts } from '@/texts'
import type { Day, Entry, Stream } from './queries'
import { lastDay } from './weeks'

interface StoryProps {
  day: Day
  seal: Entry | null
  declared: Stream['declared'] | undefined
}

/** What became of a day, in sentences. */
export function Story({ day, seal, declared }: StoryProps) {
  const texts = useTexts('days')
  const session = useSession()
  const formats = useFormats(session.zone)
  const instant = (at: string | null | undefined) => (at ? formats.dateTime(at) : '')
  const records = texts.records(day.records, formats.count(day.records))
  const lateUntil = day.purge?.late_until
  return (
    <div>
      <Text>{told(texts.story, day, { records, sealed: instant(seal?.at), purged: instant(day.purge?.at) })}</Text>
      <Text size="sm" c="dimmed" mt={4}>
        {day.status === 'purged' ? (
          lateUntil && texts.lateUntil(instant(lateUntil))
        ) : (
          <Deadline day={day} declared={declared} />
        )}
      </Text>
      <Text size="sm" c="dimmed">
        {day.interval.start &&
          day.interval.end &&
          texts.intervalIs(instant(day.interval.start), instant(day.interval.end))}
        {` · ${texts.zoneIs(day.interval.zone, day.interval.tzdata)}`}
      </Text>
    </div>
  )
}

function told(
  story: Texts['days']['story'],
  day: Day,
  said: { records: string; sealed: string; purged: string },
): string {
  switch (day.status) {
    case 'sealed':
      return story.sealed(said.records, said.sealed)
    case 'touched':
      return story.touched(said.records, said.sealed)
    case 'held':
      return story.held(said.records)
    case 'purging':
      return story.purging(said.records, said.purged)
    case 'purged':
      return story.purged(said.records, said.purged, said.sealed)
    default:
      return story.open(said.records)
  }
}

function Deadline({ day, declared }: { day: Day; declared: Stream['declared'] | undefined }) {
  const texts = useTexts('days')
  const formats = useFormats()
  if (declared === undefined) return null
  const date = lastDay(day.day, declared['keep'] as { days: number; months: number })
  return date === null ? texts.deadlineNever : texts.deadline(formats.date(date))
}
