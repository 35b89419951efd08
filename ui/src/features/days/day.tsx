import { ActionIcon, Drawer, Group, Skeleton, Stack, Text } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Problem } from '@/api/problem'
import { Empty, Failed } from '@/parts/state'
import { useFormats, useTexts } from '@/texts'
import { Chain } from './chain'
import { Corrections, History } from './history'
import { Held } from './held'
import { Numbers } from './numbers'
import { Checks } from './checks'
import { dayQuery, streamsQuery } from './queries'
import { Rollups } from './rollups'
import { StateName } from './state-mark'
import { stateOf } from './states'
import { Story } from './story'
import { shift } from './weeks'
import classes from './day.module.css'

const route = getRouteApi('/inside/days/calendar/$stream/$day')

/** One day over the calendar it was opened from, with an address of its own. */
export function DayDrawer() {
  const texts = useTexts('days')
  const formats = useFormats()
  const { stream, day } = route.useParams()
  const search = route.useSearch()
  const navigate = useNavigate()
  const [isOpen, setIsOpen] = useState(true)
  const go = (to: string) =>
    void navigate({ to: '/days/$stream/$day', params: { stream, day: to }, search, resetScroll: false, replace: true })
  return (
    <Drawer.Root
      opened={isOpen}
      onClose={() => {
        setIsOpen(false)
      }}
      onExitTransitionEnd={() =>
        void navigate({ to: '/days', search, resetScroll: false }).then(() => {
          focusDay(stream, day)
        })
      }
      position="right"
      size={720}
    >
      <Drawer.Overlay backgroundOpacity={0.25} />
      <Drawer.Content>
        <div className={classes['head']}>
          <div>
            <Drawer.Title fz="lg" fw={620}>
              {formats.weekday(day)}
            </Drawer.Title>
            <Text size="sm" c="dimmed">
              {stream}
            </Text>
          </div>
          <Group gap={4} wrap="nowrap">
            <Neighbours day={day} onGo={go} />
            <Drawer.CloseButton data-autofocus aria-label={texts.close} />
          </Group>
        </div>
        <Drawer.Body>
          <Whole key={`${stream} ${day}`} stream={stream} day={day} />
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  )
}

function Neighbours({ day, onGo }: { day: string; onGo: (day: string) => void }) {
  const texts = useTexts('days')
  const ways = [
    { by: -1, label: texts.before, icon: <IconChevronLeft size={18} /> },
    { by: 1, label: texts.after, icon: <IconChevronRight size={18} /> },
  ]
  return ways.map(({ by, label, icon }) => (
    <ActionIcon
      key={by}
      variant="default"
      aria-label={label}
      onClick={() => {
        onGo(shift(day, by))
      }}
    >
      {icon}
    </ActionIcon>
  ))
}

// Whoever came from the calendar goes on there.
function focusDay(stream: string, day: string): void {
  document.querySelector<HTMLElement>(`[data-stream="${CSS.escape(stream)}"] [data-day="${day}"]`)?.focus()
}

function Whole({ stream, day }: { stream: string; day: string }) {
  const texts = useTexts('days')
  const proof = useQuery(dayQuery(stream, day))
  const streams = useQuery(streamsQuery)
  if (proof.error instanceof Problem && proof.error.code === 'UNKNOWN_DAY')
    return <Empty title={texts.unknown} about={texts.unknownAbout} />
  if (proof.data === undefined)
    return proof.error === null ? (
      <Skeleton height={480} />
    ) : (
      <Failed error={proof.error} retry={() => void proof.refetch()} />
    )
  const found = proof.data
  const declared = streams.data?.find(({ name }) => name === stream)?.declared
  return (
    <Stack gap="xl">
      <Stack gap="sm">
        <StateName state={stateOf(found.day)} />
        <Story day={found.day} seal={found.seal} declared={declared} />
        {found.day.held && <Held stream={stream} day={day} held={found.day.held} />}
      </Stack>
      <Checks stream={stream} day={day} checks={found.checks} isSealed={found.seal !== null} />
      <Numbers proof={found} declared={declared} />
      {found.rollups.length > 0 && <Rollups rollups={found.rollups} seal={found.seal} />}
      <Corrections corrections={found.corrections} />
      {found.chain && <Chain chain={found.chain} />}
      <History entries={found.entries} />
    </Stack>
  )
}
