import { expect, test } from 'vitest'
import examples from '../../../tests/questions.json'
import {
  before,
  datesOf,
  finer,
  grainFor,
  hereOf,
  isDate,
  periodAt,
  PRESETS,
  shifted,
  shownWithin,
  type Preset,
} from './range'

const HERE = { today: '2026-03-18', weekStart: 1 } // a Wednesday

// The server reads the same table: tests/engine/test_show.py.
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

test.each(examples.ranges)('$preset, on $today', ({ preset, today, week_start, from, to }) => {
  const here = { today, weekStart: WEEKDAYS.indexOf(week_start) }
  expect(datesOf({ preset: preset as Preset }, here)).toEqual({ from, to })
})

test('every preset is in the table', () => {
  expect(new Set(examples.ranges.map(({ preset }) => preset))).toEqual(new Set(PRESETS))
})

test.each(examples.grains)('from $from to $to a chart has a point a $grain', ({ grain, ...dates }) => {
  expect(grainFor(dates)).toBe(grain)
})

test('today is the date in the zone of the workspace, not of the browser', () => {
  expect(hereOf('2026-03-18T23:30:00Z', 'Asia/Tokyo', 'sunday')).toEqual({ today: '2026-03-19', weekStart: 0 })
  expect(hereOf('2026-03-18T03:30:00Z', 'America/New_York', 'monday')).toEqual({ today: '2026-03-17', weekStart: 1 })
})

test('whole months are compared with as many months before, other ranges with as many days', () => {
  expect(before({ from: '2026-03-01', to: '2026-03-31' })).toEqual({ from: '2026-02-01', to: '2026-02-28' })
  expect(before({ from: '2026-01-01', to: '2026-03-31' })).toEqual({ from: '2025-10-01', to: '2025-12-31' })
  expect(before({ from: '2026-03-10', to: '2026-03-12' })).toEqual({ from: '2026-03-07', to: '2026-03-09' })
  expect(shifted({ from: '2026-01-01', to: '2026-01-31' }, 1)).toEqual({ from: '2026-02-01', to: '2026-02-28' })
})

test('strangers see as much of a range as their dashboard is about', () => {
  const [within, whole] = [{ from: '2026-02-19', to: '2026-03-18' }, { preset: 'last_28_days' }] as const
  expect(shownWithin(within, { preset: 'today' }, whole, HERE)).toEqual({ preset: 'today' })
  expect(shownWithin(within, { preset: 'this_month' }, whole, HERE)).toEqual({ preset: 'this_month' })
  expect(shownWithin(within, { preset: 'this_year' }, whole, HERE)).toEqual(within)
  expect(shownWithin(within, { from: '2026-03-15', to: '2026-04-01' }, whole, HERE)).toEqual({
    from: '2026-03-15',
    to: '2026-03-18',
  })
  expect(shownWithin(within, { preset: 'last_month' }, whole, HERE)).toEqual({ from: '2026-02-19', to: '2026-02-28' })
  expect(shownWithin(within, { from: '2025-01-01', to: '2025-12-31' }, whole, HERE)).toEqual(whole)
})

test('drilling into a period stays within the range', () => {
  const year = { from: '2026-01-15', to: '2026-12-31' }
  expect(periodAt('2026-01-01', 'month', year)).toEqual({ from: '2026-01-15', to: '2026-01-31' })
  expect(periodAt('2026-04-01', 'quarter', year)).toEqual({ from: '2026-04-01', to: '2026-06-30' })
  expect(periodAt('2026-12-28', 'week', year)).toEqual({ from: '2026-12-28', to: '2026-12-31' })
})

test('below the day there is nothing finer', () => {
  expect([finer('month'), finer('day')]).toEqual(['week', null])
})

test('dates that no calendar has are none', () => {
  expect(['2026-02-28', '2026-02-30', '2026-2-3', 'x'].map(isDate)).toEqual([true, false, false, false])
})
