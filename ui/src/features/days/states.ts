// What has become of a day, as the calendar shows it.

export const STATES = ['open', 'sealed', 'touched', 'held', 'purging', 'purged', 'corrected'] as const
export type State = (typeof STATES)[number]

/** A shape a state has besides its colour, the same in every language. */
export const GLYPHS: Record<State, string> = {
  open: '○',
  sealed: '✓',
  touched: '~',
  held: '!',
  purging: '…',
  purged: '–',
  corrected: '+',
}

export interface KnownDay {
  day: string
  status: string
  records: number
  corrections?: number
}

export interface Run<D extends KnownDay> {
  state: State
  from: string
  to: string
  records: number
  days: D[]
}

/** Gives the state a day is shown in: a purged one whose figures were corrected since says so. */
export function stateOf(day: KnownDay): State {
  if (day.status === 'purged' && (day.corrections ?? 0) > 0) return 'corrected'
  return STATES.find((state) => state === day.status) ?? 'open'
}

/** Gives how many days are in each state. */
export function countStates(days: readonly KnownDay[]): Record<State, number> {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>
  for (const day of days) counts[stateOf(day)] += 1
  return counts
}

/** Gives neighbouring days of the same state as one run, the newest first; a gap between days ends a run. */
export function runsOf<D extends KnownDay>(
  days: readonly D[],
  isNext: (older: string, newer: string) => boolean,
): Run<D>[] {
  const sorted = [...days].sort((one, other) => (one.day < other.day ? 1 : -1))
  const runs: Run<D>[] = []
  for (const day of sorted) {
    const last = runs.at(-1)
    if (last?.state === stateOf(day) && isNext(day.day, last.from)) {
      last.from = day.day
      last.records += day.records
      last.days.push(day)
    } else runs.push({ state: stateOf(day), from: day.day, to: day.day, records: day.records, days: [day] })
  }
  return runs
}
