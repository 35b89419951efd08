import { Group, SegmentedControl, Select, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Outlet, useNavigate, useParams } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useSession } from '@/api/session'
import { Loaded } from '@/parts/loaded'
import { Empty } from '@/parts/state'
import { useTexts } from '@/texts'
import { Glance } from './glance'
import { streamsQuery, type Stream } from './queries'
import { StreamDays } from './stream-days'
import { dateIn, rangeOf, weekdayOf, yearsBetween } from './weeks'

const route = getRouteApi('/inside/days')

/** The calendars of all streams under what is promised at a glance, and the day that is open. */
export function Board() {
  const texts = useTexts('days')
  const streams = useQuery(streamsQuery)
  return (
    <Stack gap="lg">
      <Glance />
      <Loaded query={streams} height={320}>
        {(found) =>
          found.some(isKnown) ? (
            <Streams streams={found.filter(isKnown)} />
          ) : (
            <Empty title={texts.none} about={texts.noneAbout} />
          )
        }
      </Loaded>
      <Outlet />
    </Stack>
  )
}

function isKnown(stream: Stream): boolean {
  return Object.values(stream.standing?.days ?? {}).some((count) => count > 0)
}

function Streams({ streams }: { streams: Stream[] }) {
  const session = useSession()
  const { year, as } = route.useSearch()
  const params = useParams({ strict: false })
  const navigate = useNavigate()
  const weekStart = weekdayOf(session.week_start)
  const today = dateIn(session.zone, session.now)
  const range = useMemo(() => rangeOf(year ?? null, today, weekStart), [year, today, weekStart])
  const open = (stream: string, day: string) =>
    void navigate({ to: '/days/$stream/$day', params: { stream, day }, search: { year, as }, resetScroll: false })
  return (
    <Stack gap="lg">
      <Controls streams={streams} today={today} />
      {streams.map((stream) => (
        <StreamDays
          key={stream.name}
          stream={stream}
          place={{ range, weekStart, today }}
          isList={as === 'list'}
          chosen={params.stream === stream.name ? params.day : undefined}
          onOpen={open}
        />
      ))}
    </Stack>
  )
}

function Controls({ streams, today }: { streams: Stream[]; today: string }) {
  const texts = useTexts('days')
  const { year, as } = route.useSearch()
  const navigate = useNavigate()
  const first = streams.flatMap(({ standing }) => standing?.first_day ?? []).sort()[0] ?? today
  const years = yearsBetween(first, today).map(String)
  return (
    <Group justify="space-between" gap="sm">
      <Select
        aria-label={texts.period}
        w={190}
        allowDeselect={false}
        data={[{ value: '', label: texts.lastYear }, ...years]}
        value={year === undefined ? '' : String(year)}
        onChange={(value) => void navigate({ to: '/days', search: { as, year: value ? Number(value) : undefined } })}
      />
      <SegmentedControl
        visibleFrom="sm"
        aria-label={texts.view}
        data={[
          { value: 'calendar', label: texts.asCalendar },
          { value: 'list', label: texts.asList },
        ]}
        value={as ?? 'calendar'}
        onChange={(value) =>
          void navigate({ to: '/days', search: { year, as: value === 'list' ? 'list' : undefined } })
        }
      />
    </Group>
  )
}
