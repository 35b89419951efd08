// Dates, times and counts as people of a language write them.  Figures of answers have their own, exact, in src/answer.
import type { Language } from '.'

export interface Formats {
  /** The language's tag, for formats that are made elsewhere. */
  locale: string
  /** 21 November 2026, of a local date such as 2026-11-21. */
  date: (day: string) => string
  /** 21 Nov */
  shortDate: (day: string) => string
  /** November 2026 */
  month: (day: string) => string
  /** Nov */
  monthName: (day: string) => string
  /** Sat */
  dayName: (day: string) => string
  /** Saturday */
  longDayName: (day: string) => string
  /** Sat, 21 Nov 2026 */
  weekday: (day: string) => string
  /** 21 Nov 2026, 17:05 in the zone, of an instant. */
  dateTime: (instant: string) => string
  /** 3 minutes ago, in 2 days */
  relative: (instant: string, now: string | number) => string
  /** 12,345 */
  count: (value: number | bigint) => string
  /** 4.2 MB */
  bytes: (value: number) => string
  /** a, b and c */
  list: (parts: readonly string[]) => string
}

const LOCALES: Record<Language, string> = { en: 'en-GB', de: 'de-DE' }
const STEPS = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const
const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

const made = new Map<string, Formats>()

/** Give the formats of a language; instants are told in the zone, or the browser's without one. */
export function makeFormats(language: Language, zone?: string): Formats {
  const key = `${language} ${zone ?? ''}`
  const known = made.get(key) ?? build(LOCALES[language], zone)
  made.set(key, known)
  return known
}

function build(locale: string, zone: string | undefined): Formats {
  // A local date has no zone: it is read and written in the same one.
  const day = (how: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { ...how, timeZone: 'UTC' })
    return (text: string) => format.format(new Date(`${text}T00:00:00Z`))
  }
  const instant = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const number = new Intl.NumberFormat(locale)
  const list = new Intl.ListFormat(locale, { type: 'conjunction' })
  return {
    locale,
    date: day({ day: 'numeric', month: 'long', year: 'numeric' }),
    shortDate: day({ day: 'numeric', month: 'short' }),
    month: day({ month: 'long', year: 'numeric' }),
    monthName: day({ month: 'short' }),
    dayName: day({ weekday: 'short' }),
    longDayName: day({ weekday: 'long' }),
    weekday: day({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }),
    dateTime: (text) => instant.format(new Date(text)),
    relative: (text, now) => since(relative, (Date.parse(text) - new Date(now).getTime()) / 1000),
    count: (value) => number.format(value),
    bytes: (value) => size(locale, value),
    list: (parts) => list.format(parts),
  }
}

function since(format: Intl.RelativeTimeFormat, seconds: number): string {
  const [unit, length] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const)
  return format.format(Math.trunc(seconds / length), unit)
}

function size(locale: string, value: number): string {
  const step = Math.min(SIZES.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3))
  const unit = SIZES[step] ?? 'byte'
  const digits = step === 0 ? 0 : 1
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: digits }).format(
    value / 1000 ** step,
  )
}
