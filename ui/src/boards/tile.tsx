// A widget on a board: its title, what its numbers are, what can be done with it, and its states.
import { Button, Skeleton, Text } from '@mantine/core'
import { IconFilterOff, IconLock, IconMoodEmpty, IconAlertTriangle, IconPlugOff, type Icon } from '@tabler/icons-react'
import { useEffect, useState, type ReactNode } from 'react'
import type { Answer } from '@/answer/answer'
import { isEmpty } from '@/answer/series'
import { Problem } from '@/api/problem'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'
import { LabelBadge } from './badge'
import classes from './boards.module.css'

const SLOW = 4_000

interface TileProps {
  title: string
  about?: string
  actions?: ReactNode
  flush?: boolean
  isStale?: boolean
  answer?: Answer | undefined
  unfiltered?: readonly string[]
  /** What stands under the title: where somebody has drilled down to. */
  path?: ReactNode
  children: ReactNode
}

/** A widget's frame. */
export function Tile({
  title,
  about,
  actions,
  flush = false,
  isStale = false,
  answer,
  unfiltered,
  path,
  children,
}: TileProps) {
  const texts = useTexts('answers')
  return (
    <section className={classes['tile']} aria-label={title} aria-busy={isStale || undefined}>
      <div className={classes['head']}>
        <h2 className={classes['title']} title={hintOf(title, about)} dir="auto">
          {title}
        </h2>
        {answer !== undefined && <LabelBadge labels={answer.labels} {...(unfiltered && { unfiltered })} />}
        {actions}
      </div>
      {path}
      <div
        className={classes['body']}
        data-flush={flush || undefined}
        data-stale={isStale || undefined}
        title={isStale ? texts.stale : undefined}
      >
        {children}
      </div>
    </section>
  )
}

function hintOf(title: string, about: string | undefined): string {
  return about === undefined || about === '' ? title : about
}

interface StatesProps {
  answer: Answer | undefined
  error: unknown
  isFiltered: boolean
  retry: () => void
  children: (answer: Answer) => ReactNode
}

/** An answer, or what stands in its place: of the same size, so that nothing moves when it comes. */
export function States({ answer, error, isFiltered, retry, children }: StatesProps) {
  const texts = useTexts('answers')
  if (isFiltered) return <Note icon={IconFilterOff} title={texts.filteredOut} />
  if (answer !== undefined && !isEmpty(answer)) return children(answer)
  if (answer !== undefined)
    return <Note icon={IconMoodEmpty} title={texts.empty} about={reasonOf(texts.notes, answer) ?? texts.emptyAbout} />
  if (error !== null && error !== undefined) return <Refused error={error} retry={retry} />
  return <Waiting />
}

/** What could not be shown, and why. */
export function Refused({ error, retry }: { error: unknown; retry?: () => void }) {
  const texts = useTexts('parts')
  const said = useProblemText()(error)
  const isProblem = error instanceof Problem
  const mark =
    isProblem && error.status === 403 ? IconLock : isProblem && error.isPassing ? IconPlugOff : IconAlertTriangle
  return (
    <Note icon={mark} title={said} alert>
      <Text size="xs" c="dimmed" ff="monospace">
        {isProblem ? error.code : 'PAGE_BROKE'}
      </Text>
      {retry !== undefined && (
        <Button variant="default" size="compact-xs" onClick={retry}>
          {texts.retry}
        </Button>
      )}
    </Note>
  )
}

interface NoteProps {
  icon: Icon
  title: string
  about?: string
  alert?: boolean
  children?: ReactNode
}

/** A state of a widget: a sign, a sentence, perhaps what to do. */
export function Note({ icon: Mark, title, about, alert = false, children }: NoteProps) {
  return (
    <div className={classes['state']} role={alert ? 'alert' : undefined}>
      <Mark size={22} stroke={1.6} aria-hidden color="var(--mantine-color-dimmed)" />
      <Text size="sm" fw={550} lineClamp={3}>
        {title}
      </Text>
      {about !== undefined && (
        <Text size="xs" c="dimmed" lineClamp={3}>
          {about}
        </Text>
      )}
      {children}
    </div>
  )
}

function Waiting() {
  const texts = useTexts('answers')
  const [isSlow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => {
      setSlow(true)
    }, SLOW)
    return () => {
      clearTimeout(timer)
    }
  }, [])
  return (
    <>
      <Skeleton height="100%" radius="sm" aria-hidden data-pending />
      <Text size="sm" c="dimmed" className={classes['slow'] ?? ''} role="status">
        {isSlow ? texts.slow : <span className={classes['unseen']}>{texts.loading}</span>}
      </Text>
    </>
  )
}

/** Why an answer has no figures, where one of its notes says so. */
function reasonOf(notes: Record<string, string>, answer: Answer): string | undefined {
  const said = answer.labels.notes.find((note) => note !== 'PREVIOUS_INCOMPLETE' && note !== 'NOT_GUARDED')
  return said === undefined ? undefined : notes[said]
}
