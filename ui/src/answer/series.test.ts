import { describe, expect, test } from 'vitest'
import { groupKind, isEmpty, plotOf, totalOf, withoutEmptyStart } from './series'
import { answer, BEFORE, COUNTRY, CUSTOMERS, CUSTOMERS_ERROR, PRODUCT, REVENUE, TIME } from './testing'

describe('the series of an answer', () => {
  test('a missing day is a gap, and a day of nothing is zero', () => {
    const plot = plotOf(
      answer(
        [TIME, REVENUE],
        [
          ['2026-01-01', '1.50'],
          ['2026-01-02', null],
          ['2026-01-03', '0.00'],
        ],
      ),
    )
    expect(plot.axis).toEqual({ kind: 'time', name: 'time', values: ['2026-01-01', '2026-01-02', '2026-01-03'] })
    expect(plot.series.map((one) => one.cells)).toEqual([['1.50', null, '0.00']])
  })

  test('groups over time are a series each, in the order of the answer', () => {
    const rows = [
      ['2026-01-01', 'Spain', '2.00'],
      ['2026-01-01', null, '1.00'],
      ['2026-01-01', '(other)', '9.00'],
      ['2026-01-02', 'Spain', '3.00'],
      ['2026-01-02', null, null],
    ]
    const plot = plotOf(answer([TIME, COUNTRY, REVENUE], rows))
    expect(plot.series.map((one) => [one.group, one.cells])).toEqual([
      [['Spain'], ['2.00', '3.00']],
      [[null], ['1.00', null]],
      [['(other)'], ['9.00', null]],
    ])
  })

  test('without periods the first dimension is the axis and the second splits', () => {
    const rows = [
      ['Spain', 'tea', '1.00'],
      ['Spain', 'milk', '2.00'],
      ['France', 'tea', '3.00'],
    ]
    const plot = plotOf(answer([COUNTRY, PRODUCT, REVENUE], rows))
    expect(plot.axis.values).toEqual(['Spain', 'France'])
    expect(plot.split).toEqual(['product'])
    expect(plot.series.map((one) => [one.group[0], one.cells])).toEqual([
      ['tea', ['1.00', '3.00']],
      ['milk', ['2.00', null]],
    ])
  })

  test('the period before is a series of its own, an error belongs to its metric', () => {
    const plot = plotOf(
      answer([TIME, REVENUE, CUSTOMERS, BEFORE, CUSTOMERS_ERROR], [['2026-01-01', '5.00', '40', '4.00', '2']]),
    )
    expect(plot.series.map((one) => [one.metric, one.of, one.errors])).toEqual([
      ['revenue', 'metric', null],
      ['customers', 'metric', ['2']],
      ['revenue', 'comparison', null],
    ])
  })

  test('rows sorted by value still run in the order of time', () => {
    const plot = plotOf(
      answer(
        [TIME, REVENUE],
        [
          ['2026-01-02', '9.00'],
          ['2026-01-01', '1.00'],
        ],
      ),
    )
    expect(plot.series[0]?.cells).toEqual(['1.00', '9.00'])
  })
})

test('no value, the rest and what is hidden are told from values', () => {
  expect([['Spain'], [null], ['(other)', '(other)'], ['Spain', '(hidden)'], []].map(groupKind)).toEqual([
    'one',
    'none',
    'other',
    'hidden',
    'one',
  ])
})

test('periods before the first record are left out, later gaps are not', () => {
  const rows = [
    ['2025-01-01', null],
    ['2025-02-01', '1.00'],
    ['2025-03-01', null],
  ]
  expect(withoutEmptyStart(answer([TIME, REVENUE], rows)).rows).toEqual(rows.slice(1))
})

test('a total is of the row of totals, or of the only row there is', () => {
  expect(totalOf(answer([REVENUE, BEFORE], [['5.00', '4.00']]), 'revenue', 'comparison')).toBe('4.00')
  const two = answer(
    [COUNTRY, REVENUE],
    [
      ['Spain', '1.00'],
      ['France', '2.00'],
    ],
    { totals: [null, '3.00'] },
  )
  expect(totalOf(two, 'revenue')).toBe('3.00')
  expect(totalOf({ ...two, totals: null }, 'revenue')).toBeNull()
})

test('an answer without any figure is empty, one of zeros is not', () => {
  expect(isEmpty(answer([TIME, REVENUE], [['2026-01-01', null]]))).toBe(true)
  expect(isEmpty(answer([TIME, REVENUE], [['2026-01-01', '0.00']]))).toBe(false)
})
