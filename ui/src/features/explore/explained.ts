// What `explain` tells, put in the order in which people ask: which days came from where, and what was not used and why.
import type { Explain } from '@/answer/answer'
import { daysBetween, daysLater, type Dates } from '@/questions/range'

export type Source = 'rollup' | 'atoms' | 'records' | 'corrections' | 'missing' | 'withheld'

export interface Stretch extends Dates {
  readonly source: Source
  readonly days: number
  /** The rollup that was read, or why there is nothing. */
  readonly detail: string
}

/** Where the days of one measure come from. */
export interface Course {
  readonly stream: string
  readonly measure: string
  readonly stretches: readonly Stretch[]
}

export interface Refused {
  readonly reason: string
  /** The rollups that were looked at, where it was rollups that could not be used. */
  readonly rollups: readonly string[]
  readonly measures: readonly string[]
}

type Entry = Readonly<Record<string, unknown>>

/** Give where each measure's days come from, in the order of days. */
export function coursesOf({ routes, refusals }: Explain): Course[] {
  const courses = new Map<string, { stream: string; measure: string; stretches: Stretch[] }>()
  const add = (entry: Entry, source: Source, detail: string) => {
    const [stream, measure, from, to] = [
      text(entry, 'stream'),
      text(entry, 'measure'),
      text(entry, 'from'),
      text(entry, 'to'),
    ]
    const key = JSON.stringify([stream, measure])
    const course = courses.get(key) ?? { stream, measure, stretches: [] }
    courses.set(key, course)
    if (from !== '' && to !== '') course.stretches.push({ from, to, source, detail, days: daysBetween({ from, to }) })
  }
  for (const entry of routes) add(entry, text(entry, 'source') as Source, text(entry, 'rollup'))
  for (const entry of refusals.filter(isOfDays)) {
    const reason = text(entry, 'reason')
    add(entry, reason === 'WITHHELD' ? 'withheld' : 'missing', reason)
  }
  const inOrder = (a: Stretch, b: Stretch) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0)
  return [...courses.values()].map((one) => ({ ...one, stretches: joined(one.stretches.sort(inOrder)) }))
}

/** Give what could not be used, each reason once, with what it is about. */
export function refusedOf({ refusals }: Explain): Refused[] {
  const found = new Map<string, { reason: string; rollups: Set<string>; measures: Set<string> }>()
  for (const entry of refusals.filter((one) => !isOfDays(one))) {
    const reason = text(entry, 'reason')
    const one = found.get(reason) ?? { reason, rollups: new Set(), measures: new Set() }
    found.set(reason, one)
    if (text(entry, 'rollup') !== '') one.rollups.add(text(entry, 'rollup'))
    one.measures.add(text(entry, 'measure'))
  }
  return [...found.values()].map(({ reason, rollups, measures }) => ({
    reason,
    rollups: [...rollups],
    measures: [...measures],
  }))
}

/** Give how many days of a range came from each source; a day counts once, for what it mostly is. */
export function daysBySource(courses: readonly Course[]): [Source, number][] {
  const days = new Map<string, Source>()
  for (const { stretches } of courses) {
    for (const { from, days: count, source } of stretches) {
      for (let i = 0; i < count; i++) {
        const day = daysLater(from, i)
        const known = days.get(day)
        if (known === undefined || WEIGHT.indexOf(source) > WEIGHT.indexOf(known)) days.set(day, source)
      }
    }
  }
  const counts = new Map<Source, number>()
  for (const source of days.values()) counts.set(source, (counts.get(source) ?? 0) + 1)
  return WEIGHT.flatMap((source) => (counts.has(source) ? [[source, counts.get(source) ?? 0] as [Source, number]] : []))
}

/** What a day is called that came from several places: the last of these. */
const WEIGHT: readonly Source[] = ['rollup', 'atoms', 'corrections', 'records', 'withheld', 'missing']

/** Neighbours of one source are one stretch. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const found: Stretch[] = []
  for (const next of stretches) {
    const last = found.at(-1)
    const goesOn = last?.source === next.source && last.detail === next.detail
    if (goesOn && daysLater(last.to, 1) === next.from)
      found[found.length - 1] = { ...last, to: next.to, days: last.days + next.days }
    else found.push(next)
  }
  return found
}

function isOfDays(entry: Entry): boolean {
  return text(entry, 'from') !== ''
}

function text(entry: Entry, name: string): string {
  const value = entry[name]
  return typeof value === 'string' ? value : ''
}
