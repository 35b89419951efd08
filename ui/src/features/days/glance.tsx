import { Text, ThemeIcon } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconClock, IconHandStop, IconTrash, type Icon } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useSession } from '@/api/session'
import { Loaded } from '@/parts/loaded'
import { useFormats, useTexts } from '@/texts'
import classes from './glance.module.css'
import { complianceQuery, type Compliance } from './queries'
import { dateIn, distance } from './weeks'

/** What was promised, and whether it is kept: nothing past its deadline, nothing old, nothing that waits. */
export function Glance() {
  const texts = useTexts('days')
  const compliance = useQuery(complianceQuery)
  return (
    <section aria-label={texts.glance}>
      <Loaded query={compliance} height={88}>
        {(found) => (
          <div className={classes['glance']}>
            <PastDeadline count={found.past_deadline} />
            <Oldest day={found.oldest_personal} />
            <HeldDays count={found.streams.reduce((sum, { held }) => sum + held, 0)} />
            <Deleting compliance={found} />
          </div>
        )}
      </Loaded>
    </section>
  )
}

interface TileProps {
  icon: Icon
  color: string
  name: string
  value: string
  about: string
}

function Tile({ icon: Mark, color, name, value, about }: TileProps) {
  return (
    <div className={classes['tile']}>
      <ThemeIcon variant="light" color={color} size={34} radius="md" aria-hidden>
        <Mark size={19} stroke={1.8} />
      </ThemeIcon>
      <div>
        <Text size="sm" c="dimmed">
          {name}
        </Text>
        <div className={classes['value']}>{value}</div>
        <Text size="xs" c="dimmed">
          {about}
        </Text>
      </div>
    </div>
  )
}

function PastDeadline({ count }: { count: number }) {
  const texts = useTexts('days')
  const formats = useFormats()
  const isKept = count === 0
  return (
    <Tile
      icon={isKept ? IconCheck : IconAlertTriangle}
      color={isKept ? 'green' : 'red'}
      name={texts.pastDeadline}
      value={formats.count(count)}
      about={isKept ? texts.pastDeadlineNone : texts.pastDeadlineSome}
    />
  )
}

function Oldest({ day }: { day: string | null }) {
  const texts = useTexts('days')
  const formats = useFormats()
  const session = useSession()
  const age = day === null ? 0 : distance(day, dateIn(session.zone, session.now))
  return (
    <Tile
      icon={IconClock}
      color="blue"
      name={texts.oldestPersonal}
      value={day === null ? texts.noPersonal : formats.date(day)}
      about={day === null ? texts.oldestPersonalNone : texts.ago(age, formats.count(age))}
    />
  )
}

function HeldDays({ count }: { count: number }) {
  const texts = useTexts('days')
  const formats = useFormats()
  return (
    <Tile
      icon={count === 0 ? IconCheck : IconHandStop}
      color={count === 0 ? 'green' : 'orange'}
      name={texts.heldDays}
      value={formats.count(count)}
      about={count === 0 ? texts.heldNone : texts.heldSome}
    />
  )
}

function Deleting({ compliance }: { compliance: Compliance }) {
  const texts = useTexts('days')
  const formats = useFormats()
  const off = compliance.streams.filter(({ purge_on }) => !purge_on).map(({ stream }) => stream)
  return (
    <Tile
      icon={IconTrash}
      color={off.length === 0 ? 'green' : 'orange'}
      name={texts.deletionIs}
      value={off.length === 0 ? texts.deletionOn : texts.deletionOff}
      about={off.length === 0 ? texts.deletionAll : texts.deletionSome(formats.list(off))}
    />
  )
}
