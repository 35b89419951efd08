// A stream's days as a grid of weeks: one place for the tab key, arrows to move, Enter to open.
import { VisuallyHidden } from '@mantine/core'
import { useId, useMemo, useRef, useState } from 'react'
import type { CSSProperties, KeyboardEvent } from 'react'
import { useFormats, useTexts } from '@/texts'
import { gridOf, moved } from './weeks'
import type { Grid, Range, Weekday } from './weeks'
import classes from './calendar.module.css'
import { GLYPHS, stateOf } from './states'
import type { KnownDay } from './states'

interface CalendarProps {
  stream: string
  days: readonly KnownDay[]
  range: Range
  weekStart: Weekday
  today: string
  chosen?: string
  onOpen: (day: string) => void
}

export function Calendar({ stream, days, range, weekStart, today, chosen, onOpen }: CalendarProps) {
  const texts = useTexts('days')
  const known = useMemo(() => new Map(days.map((day) => [day.day, day])), [days])
  const grid = useMemo(() => gridOf(range, weekStart), [range, weekStart])
  const [current, setCurrent] = useState(() => days[0]?.day ?? today)
  const box = useRef<HTMLDivElement>(null)
  const hint = useId()
  const place = current < range.from || current > range.to ? range.from : current

  const onKeyDown = (event: KeyboardEvent) => {
    const target = moved(place, event.key, range, weekStart, event.ctrlKey || event.metaKey)
    if (target === null) return
    event.preventDefault()
    setCurrent(target)
    box.current?.querySelector<HTMLElement>(`[data-day="${target}"]`)?.focus()
  }

  return (
    <div className={`${classes['wrap'] ?? ''} ${classes['colours'] ?? ''}`}>
      <div
        ref={box}
        role="grid"
        tabIndex={-1}
        data-stream={stream}
        aria-label={texts.calendarOf(stream)}
        aria-describedby={hint}
        className={classes['grid']}
        style={{ gridTemplateColumns: `auto repeat(${grid.columns}, minmax(0, 1fr))` }}
        onKeyDown={onKeyDown}
      >
        <Months grid={grid} />
        {grid.rows.map((row, weekday) => (
          <div key={weekday} role="row" className={classes['line']}>
            <WeekdayName day={row.find((day) => day !== null) ?? today} row={weekday} />
            {row.map((day, column) =>
              day === null ? (
                <span key={column} role="gridcell" aria-hidden="true" style={placed(weekday, column)} />
              ) : (
                <Cell
                  key={column}
                  day={day}
                  place={placed(weekday, column)}
                  known={known.get(day)}
                  isToday={day === today}
                  isChosen={day === chosen}
                  isCurrent={day === place}
                  onFocus={setCurrent}
                  onOpen={onOpen}
                />
              ),
            )}
          </div>
        ))}
      </div>
      <span id={hint} hidden>
        {texts.calendarHint}
      </span>
    </div>
  )
}

function Months({ grid }: { grid: Grid }) {
  const formats = useFormats()
  return (
    <div className={classes['line']} aria-hidden="true">
      {grid.months.map(({ column, day }, place) => (
        <span
          key={day}
          className={classes['month']}
          style={{ gridRow: 1, gridColumn: `${column + 2} / ${(grid.months[place + 1]?.column ?? grid.columns) + 2}` }}
        >
          {formats.monthName(day)}
        </span>
      ))}
    </div>
  )
}

/** Gives where a day stands: below the months, beside the names of the weekdays. */
function placed(weekday: number, column: number): CSSProperties {
  return { gridRow: weekday + 2, gridColumn: column + 2 }
}

function WeekdayName({ day, row }: { day: string; row: number }) {
  const formats = useFormats()
  return (
    <span role="rowheader" className={classes['weekday']} style={placed(row, -1)} aria-label={formats.longDayName(day)}>
      {row % 2 === 0 ? formats.dayName(day) : <VisuallyHidden>{formats.dayName(day)}</VisuallyHidden>}
    </span>
  )
}

interface CellProps {
  day: string
  place: CSSProperties
  known: KnownDay | undefined
  isToday: boolean
  isChosen: boolean
  isCurrent: boolean
  onFocus: (day: string) => void
  onOpen: (day: string) => void
}

function Cell({ day, place, known, isToday, isChosen, isCurrent, onFocus, onOpen }: CellProps) {
  const texts = useTexts('days')
  const formats = useFormats()
  const state = known && stateOf(known)
  const told = state
    ? texts.dayIs(formats.date(day), texts.states[state], formats.count(known.records))
    : texts.dayIsUnknown(formats.date(day))
  return (
    <button
      type="button"
      role="gridcell"
      data-day={day}
      data-state={state}
      className={`${classes['cell'] ?? ''} ${isToday ? (classes['today'] ?? '') : ''}`}
      style={place}
      tabIndex={isCurrent ? 0 : -1}
      aria-label={told}
      aria-selected={isChosen}
      aria-disabled={!known}
      title={told}
      onFocus={() => {
        onFocus(day)
      }}
      onClick={() => {
        if (known) onOpen(day)
      }}
    >
      {state && GLYPHS[state]}
    </button>
  )
}
