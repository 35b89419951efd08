import { expect, test } from 'vitest'
import { distance } from './weeks'
import { countStates, runsOf, stateOf } from './states'

const day = (date: string, status: string, corrections = 0) => ({ day: date, status, records: 10, corrections })
const isNext = (older: string, newer: string) => distance(older, newer) === 1

test('a purged day with corrections is shown as corrected, a sealed one is not', () => {
  expect(stateOf(day('2026-01-01', 'purged', 2))).toBe('corrected')
  expect(stateOf(day('2026-01-01', 'purged'))).toBe('purged')
  expect(stateOf(day('2026-01-01', 'sealed', 2))).toBe('sealed')
})

test('states are counted, those that no day is in as zero', () => {
  const counts = countStates([day('2026-01-01', 'purged'), day('2026-01-02', 'purged'), day('2026-01-03', 'held')])
  expect(counts).toMatchObject({ purged: 2, held: 1, open: 0 })
})

test('neighbours of one state are one run, and a gap or another state ends it', () => {
  const days = [
    day('2026-01-01', 'purged'),
    day('2026-01-02', 'purged'),
    day('2026-01-03', 'held'),
    day('2026-01-05', 'sealed'),
    day('2026-01-07', 'sealed'),
  ]
  expect(runsOf(days, isNext).map(({ state, from, to, records }) => [state, from, to, records])).toEqual([
    ['sealed', '2026-01-07', '2026-01-07', 10],
    ['sealed', '2026-01-05', '2026-01-05', 10],
    ['held', '2026-01-03', '2026-01-03', 10],
    ['purged', '2026-01-01', '2026-01-02', 20],
  ])
})
