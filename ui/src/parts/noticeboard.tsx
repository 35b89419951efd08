import { CloseButton, Text } from '@mantine/core'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { dismiss, shownNotices, watchNotices, type Shown } from './notices'
import classes from './noticeboard.module.css'

const STAYS = 6_000 // milliseconds

/** Where notices appear, over whatever page there is. */
export function Noticeboard() {
  const shown = useSyncExternalStore(watchNotices, shownNotices)
  return (
    // It is there before anything is on it, so that screen readers hear what comes.
    <div className={classes['board']} aria-live="polite">
      {shown.map((one) => (
        <Board key={one.number} notice={one} />
      ))}
    </div>
  )
}

/** What went well goes by itself, unless somebody is at it; what went wrong stays until it was read. */
function Board({ notice: { number, title, message, tone } }: { notice: Shown }) {
  const [isHeld, setHeld] = useState(tone === 'bad')
  useEffect(() => {
    if (isHeld) return
    const timer = setTimeout(() => {
      dismiss(number)
    }, STAYS)
    return () => {
      clearTimeout(timer)
    }
  }, [isHeld, number])
  const hold = () => {
    setHeld(true)
  }
  return (
    <div
      className={classes['notice']}
      role={tone === 'bad' ? 'alert' : 'status'}
      data-tone={tone}
      onPointerEnter={hold}
      onFocus={hold}
    >
      <div className={classes['words']}>
        {title !== undefined && (
          <Text size="sm" fw={600}>
            {title}
          </Text>
        )}
        <Text size="sm">{message}</Text>
      </div>
      <CloseButton
        size="sm"
        onClick={() => {
          dismiss(number)
        }}
      />
    </div>
  )
}
