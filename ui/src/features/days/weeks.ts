// The days of a stream as a grid of weeks, and how the keyboard moves in it.
// Days are plain dates such as '2026-01-31'; all arithmetic is in UTC, so that no zone moves one.

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export interface Range {
  from: string
  to: string
}

export interface Grid {
  /** Seven rows, one a weekday; null where the first or last week lies outside of the range. */
  rows: (string | null)[][]
  months: { column: number; day: string }[]
  columns: number
}

const A_DAY = 86_400_000
const LEAST_COLUMNS = 3 // what a month's name needs before the next one
const FOREVER = 12 * 9_000 // months, as the server says it

/** Gives the date that lies so many days later, or earlier. */
export function shift(day: string, days: number): string {
  return new Date(Date.parse(day) + days * A_DAY).toISOString().slice(0, 10)
}

/** Gives how many days lie between two dates, 0 for the same. */
export function distance(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / A_DAY)
}

/** Gives where in its week a day lies: 0 for the day that weeks start on. */
export function placeInWeek(day: string, weekStart: Weekday): number {
  const monday = (new Date(Date.parse(day)).getUTCDay() + 6) % 7
  return (monday - WEEKDAYS.indexOf(weekStart) + 7) % 7
}

/** Gives the weekdays from the one that weeks start on. */
export function weekdays(weekStart: Weekday): Weekday[] {
  const first = WEEKDAYS.indexOf(weekStart)
  return [...WEEKDAYS.slice(first), ...WEEKDAYS.slice(0, first)]
}

/** Gives a calendar year, or the 53 weeks that end with the week of today. */
export function rangeOf(year: number | null, today: string, weekStart: Weekday): Range {
  if (year !== null) return { from: `${year}-01-01`, to: `${year}-12-31` }
  const end = shift(today, 6 - placeInWeek(today, weekStart))
  return { from: shift(end, 1 - 53 * 7), to: end }
}

/** Lays a range out with weeks as columns. */
export function gridOf(range: Range, weekStart: Weekday): Grid {
  const begin = shift(range.from, -placeInWeek(range.from, weekStart))
  const columns = Math.floor(distance(begin, range.to) / 7) + 1
  const at = (row: number, column: number) => {
    const day = shift(begin, column * 7 + row)
    return day < range.from || day > range.to ? null : day
  }
  const numbers = Array.from({ length: columns }, (_, column) => column)
  const rows = Array.from({ length: 7 }, (_, row) => numbers.map((column) => at(row, column)))
  return { rows, columns, months: monthsOf(rows, columns) }
}

function monthsOf(rows: (string | null)[][], columns: number): Grid['months'] {
  const found: Grid['months'] = []
  let last = ''
  for (let column = 0; column < columns; column++) {
    const days = rows.map((row) => row[column]).filter((day): day is string => typeof day === 'string')
    const day = days.find((one) => one.endsWith('-01')) ?? (column === 0 ? days[0] : undefined)
    if (day === undefined || day.slice(0, 7) === last) continue
    last = day.slice(0, 7)
    found.push({ column, day })
  }
  return found.filter((one, place) => (found[place + 1]?.column ?? columns) - one.column >= LEAST_COLUMNS)
}

/** Gives the day that a key leads to, within the range; null for a key that does not move. */
export function moved(day: string, key: string, range: Range, weekStart: Weekday, whole = false): string | null {
  const place = placeInWeek(day, weekStart)
  const steps: Record<string, () => string> = {
    ArrowUp: () => shift(day, -1),
    ArrowDown: () => shift(day, 1),
    ArrowLeft: () => shift(day, -7),
    ArrowRight: () => shift(day, 7),
    Home: () => (whole ? range.from : shift(day, -place)),
    End: () => (whole ? range.to : shift(day, 6 - place)),
    PageUp: () => shift(day, -28),
    PageDown: () => shift(day, 28),
  }
  const target = steps[key]?.()
  if (target === undefined) return null
  if (target < range.from) return key === 'ArrowLeft' || key === 'ArrowUp' ? day : range.from
  if (target > range.to) return key === 'ArrowRight' || key === 'ArrowDown' ? day : range.to
  return target
}

/** Gives the calendar years from a day to another, the newest first. */
export function yearsBetween(first: string, last: string): number[] {
  const [begin, end] = [Number(first.slice(0, 4)), Number(last.slice(0, 4))]
  return Array.from({ length: Math.max(0, end - begin + 1) }, (_, back) => end - back)
}

/** Gives the local date of an instant in a zone; without one, of now. */
export function dateIn(zone: string, instant: string | null): string {
  const at = instant === null ? new Date() : new Date(instant)
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(at)
}

/** Gives a weekday by its name, Monday for what is none. */
export function weekdayOf(name: string): Weekday {
  return WEEKDAYS.find((one) => one === name) ?? 'monday'
}

/** Gives the last day on which records of a day may live: so many months later, or the month's last day, and days. */
export function lastDay(day: string, keep: { days: number; months: number }): string | null {
  if (keep.months >= FOREVER) return null
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const longest = new Date(Date.UTC(year, month + keep.months, 0)).getUTCDate()
  const shifted = new Date(Date.UTC(year, month - 1 + keep.months, Math.min(date, longest)))
  return shift(shifted.toISOString().slice(0, 10), keep.days)
}
