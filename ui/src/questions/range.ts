/** Which dates a range of a dashboard means today, in the workspace's zone and with its weeks. */

export const PRESETS = [
  'today',
  'yesterday',
  'last_7_days',
  'last_28_days',
  'last_90_days',
  'this_week',
  'this_month',
  'last_month',
  'this_quarter',
  'this_year',
  'last_12_months',
  'all',
] as const

export type Preset = (typeof PRESETS)[number]

export interface Dates {
  readonly from: string
  readonly to: string
}

export type Range = { readonly preset: Preset } | Dates

export const GRAINS = ['day', 'week', 'month', 'quarter', 'year'] as const
export type Grain = (typeof GRAINS)[number]

/** What today is, and on which day weeks start (0 is Sunday). */
export interface Here {
  readonly today: string
  readonly weekStart: number
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const YEARS_OF_ALL = 10
const DAY = 86_400_000

/** Give the date that an instant is in a zone, and the start of the week, from what a session says. */
export function hereOf(now: string | null | undefined, zone: string, weekStart: string): Here {
  const instant = now ? new Date(now) : new Date()
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(instant)
  return { today, weekStart: Math.max(0, WEEKDAYS.indexOf(weekStart)) }
}

/** Give the first and the last date of a range. */
export function datesOf(range: Range, here: Here): Dates {
  return 'preset' in range ? FIRSTS[range.preset](here) : range
}

/** Give a range as far as it lies within some days, or another one where none of it does. */
export function shownWithin(within: Dates, range: Range, otherwise: Range, here: Here): Range {
  const dates = datesOf(range, here)
  const from = dates.from < within.from ? within.from : dates.from
  const to = dates.to > within.to ? within.to : dates.to
  if (from > to) return otherwise
  return from === dates.from && to === dates.to ? range : { from, to }
}

/** Give the range that a text of the address means: a preset, or two dates with two dots between. */
export function rangeOf(text: string): Range | null {
  if (PRESETS.includes(text as Preset)) return { preset: text as Preset }
  const [from = '', to = '', more] = text.split('..')
  return more === undefined && isDate(from) && isDate(to) && from <= to ? { from, to } : null
}

/** Give the text of the address for a range. */
export function rangeText(range: Range): string {
  return 'preset' in range ? range.preset : `${range.from}..${range.to}`
}

/** Give the range of the same length right before, or after: a month for a month, else as many days. */
export function shifted({ from, to }: Dates, by: 1 | -1): Dates {
  const months = wholeMonths({ from, to })
  if (months !== null) {
    const start = monthsLater(from, by * months)
    return { from: start, to: daysLater(monthsLater(start, months), -1) }
  }
  const length = daysBetween({ from, to })
  return { from: daysLater(from, by * length), to: daysLater(to, by * length) }
}

/** Give the range that the server compares with. */
export function before(dates: Dates): Dates {
  return shifted(dates, -1)
}

/** Give the grain that shows a range in some ten to ninety points. */
export function grainFor(dates: Dates): Grain {
  const days = daysBetween(dates)
  if (days <= 92) return 'day'
  if (days <= 400) return 'week'
  return days <= 366 * YEARS_OF_ALL + 3 ? 'month' : 'year'
}

/** Give the dates of the period that starts on a date: where drilling into a point leads. */
export function periodAt(start: string, grain: Grain, within: Dates): Dates {
  const ends: Record<Grain, string> = {
    day: start,
    week: daysLater(start, 6),
    month: daysLater(monthsLater(monthOf(start), 1), -1),
    quarter: daysLater(monthsLater(monthOf(start), 3), -1),
    year: `${start.slice(0, 4)}-12-31`,
  }
  const end = ends[grain]
  return { from: start < within.from ? within.from : start, to: end > within.to ? within.to : end }
}

/** Give the next finer grain, as long as there is one. */
export function finer(grain: Grain): Grain | null {
  return GRAINS[GRAINS.indexOf(grain) - 1] ?? null
}

/** Whether a text is a date there is. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && iso(at(text)) === text
}

export function daysBetween({ from, to }: Dates): number {
  return Math.round((at(to) - at(from)) / DAY) + 1
}

export function daysLater(date: string, days: number): string {
  return iso(at(date) + days * DAY)
}

const FIRSTS: Record<Preset, (here: Here) => Dates> = {
  today: ({ today }) => ({ from: today, to: today }),
  yesterday: ({ today }) => ({ from: daysLater(today, -1), to: daysLater(today, -1) }),
  last_7_days: ({ today }) => ({ from: daysLater(today, -6), to: today }),
  last_28_days: ({ today }) => ({ from: daysLater(today, -27), to: today }),
  last_90_days: ({ today }) => ({ from: daysLater(today, -89), to: today }),
  this_week: (here) => ({ from: weekOf(here), to: here.today }),
  this_month: ({ today }) => ({ from: monthOf(today), to: today }),
  last_month: ({ today }) => ({ from: monthsLater(monthOf(today), -1), to: daysLater(monthOf(today), -1) }),
  this_quarter: ({ today }) => ({ from: quarterOf(today), to: today }),
  this_year: ({ today }) => ({ from: `${today.slice(0, 4)}-01-01`, to: today }),
  last_12_months: ({ today }) => ({ from: monthsLater(monthOf(today), -11), to: today }),
  all: ({ today }) => ({ from: `${Number(today.slice(0, 4)) - YEARS_OF_ALL + 1}-01-01`, to: today }),
}

function at(date: string): number {
  return Date.parse(`${date}T00:00:00Z`)
}

function iso(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10)
}

function monthOf(date: string): string {
  return `${date.slice(0, 7)}-01`
}

function quarterOf(date: string): string {
  const month = Number(date.slice(5, 7))
  return `${date.slice(0, 4)}-${String(month - ((month - 1) % 3)).padStart(2, '0')}-01`
}

function weekOf({ today, weekStart }: Here): string {
  return daysLater(today, -((new Date(at(today)).getUTCDay() - weekStart + 7) % 7))
}

/** The first of a month, so many months later. */
function monthsLater(first: string, months: number): string {
  const date = new Date(at(first))
  return iso(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1))
}

/** How many whole months a range is, if it is. */
function wholeMonths({ from, to }: Dates): number | null {
  const next = daysLater(to, 1)
  if (!from.endsWith('-01') || !next.endsWith('-01')) return null
  const months = (date: string) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7))
  return months(next) - months(from)
}
