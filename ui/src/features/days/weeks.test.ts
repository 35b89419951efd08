import { describe, expect, test } from 'vitest'
import { dateIn, distance, gridOf, lastDay, moved, placeInWeek, rangeOf, shift, weekdays, yearsBetween } from './weeks'

const YEAR = { from: '2026-01-01', to: '2026-12-31' }

describe('a year of days', () => {
  test('has every day of the range once, in the row of its weekday', () => {
    const { rows } = gridOf({ from: '2024-01-01', to: '2024-12-31' }, 'monday')
    const days = rows.flat().filter((day) => day !== null)
    expect(new Set(days).size).toBe(366)
    for (const [row, line] of rows.entries())
      for (const day of line) if (day !== null) expect(placeInWeek(day, 'monday')).toBe(row)
  })

  test('leaves places empty outside of the range', () => {
    const { rows } = gridOf(YEAR, 'monday') // 1 January 2026 is a Thursday
    expect(rows.map((row) => row[0])).toEqual([
      null,
      null,
      null,
      '2026-01-01',
      '2026-01-02',
      '2026-01-03',
      '2026-01-04',
    ])
    expect(rows[4]?.at(-1)).toBe(null)
    expect(rows[3]?.at(-1)).toBe('2026-12-31')
  })

  test('begins weeks as the workspace does', () => {
    expect(weekdays('sunday')[0]).toBe('sunday')
    expect(placeInWeek('2026-01-04', 'sunday')).toBe(0)
    expect(gridOf(YEAR, 'sunday').rows[0]?.[1]).toBe('2026-01-04')
  })

  test('names twelve months, each over the week that its first day is in', () => {
    const { months } = gridOf(YEAR, 'monday')
    expect(months).toHaveLength(12)
    expect(months[1]).toEqual({ column: 4, day: '2026-02-01' })
  })

  test('does not name a month that the next one would touch', () => {
    const { months } = gridOf({ from: '2026-01-27', to: '2026-06-30' }, 'monday')
    expect(months[0]?.day).toBe('2026-02-01')
  })

  test('crosses a change of clocks without losing a day', () => {
    expect(shift('2026-03-28', 2)).toBe('2026-03-30')
    expect(distance('2026-03-01', '2026-04-01')).toBe(31)
  })
})

test('without a year the range is 53 whole weeks that end with this one', () => {
  const range = rangeOf(null, '2026-06-17', 'monday')
  expect(range.to).toBe('2026-06-21')
  expect(distance(range.from, range.to)).toBe(53 * 7 - 1)
  expect(placeInWeek(range.from, 'monday')).toBe(0)
})

describe('the keyboard', () => {
  test.each([
    ['ArrowUp', '2026-06-16'],
    ['ArrowDown', '2026-06-18'],
    ['ArrowLeft', '2026-06-10'],
    ['ArrowRight', '2026-06-24'],
    ['Home', '2026-06-15'],
    ['End', '2026-06-21'],
    ['PageUp', '2026-05-20'],
    ['PageDown', '2026-07-15'],
  ])('moves with %s to %s', (key, day) => {
    expect(moved('2026-06-17', key, YEAR, 'monday')).toBe(day)
  })

  test('goes to both ends of the range with control', () => {
    expect(moved('2026-06-17', 'Home', YEAR, 'monday', true)).toBe('2026-01-01')
    expect(moved('2026-06-17', 'End', YEAR, 'monday', true)).toBe('2026-12-31')
  })

  test('does not leave the range', () => {
    expect(moved('2026-01-03', 'ArrowLeft', YEAR, 'monday')).toBe('2026-01-03')
    expect(moved('2026-12-31', 'ArrowDown', YEAR, 'monday')).toBe('2026-12-31')
    expect(moved('2026-01-10', 'PageUp', YEAR, 'monday')).toBe('2026-01-01')
  })

  test('is left alone by other keys', () => {
    expect(moved('2026-06-17', 'a', YEAR, 'monday')).toBe(null)
  })
})

test('years are listed from the newest', () => {
  expect(yearsBetween('2010-12-01', '2012-01-05')).toEqual([2012, 2011, 2010])
})

test('today is the date in the zone of the workspace', () => {
  expect(dateIn('Pacific/Auckland', '2026-01-31T12:00:00Z')).toBe('2026-02-01')
  expect(dateIn('America/New_York', '2026-02-01T02:00:00Z')).toBe('2026-01-31')
})

test.each([
  ['2026-01-31', { days: 0, months: 1 }, '2026-02-28'],
  ['2026-01-31', { days: 30, months: 0 }, '2026-03-02'],
  ['2024-02-29', { days: 1, months: 12 }, '2025-03-01'],
  ['2026-11-30', { days: 0, months: 3 }, '2027-02-28'],
  ['2026-01-01', { days: 0, months: 108_000 }, null],
])('records of %s that live for %j live until %s', (day, keep, last) => {
  expect(lastDay(day, keep)).toBe(last)
})
