import { expect, test } from 'vitest'
import { coursesOf, daysBySource, refusedOf } from './explained'

const OF_REVENUE = { stream: 'lines', measure: 'sum of revenue' }
const KEPT = { ...OF_REVENUE, source: 'rollup', rollup: 'shop_daily' }
const EXPLAIN = {
  access: [],
  routes: [
    { ...OF_REVENUE, from: '2026-03-04', to: '2026-03-04', source: 'records' },
    { ...KEPT, from: '2026-03-01', to: '2026-03-01' },
    { ...KEPT, from: '2026-03-02', to: '2026-03-02' },
  ],
  refusals: [
    { ...OF_REVENUE, from: '2026-03-03', to: '2026-03-03', reason: 'NOT_ROLLED' },
    { ...OF_REVENUE, rollup: 'shop_daily', reason: 'DIMENSION_MISSING' },
    { stream: 'lines', measure: 'uniques of customer', rollup: 'product_daily', reason: 'DIMENSION_MISSING' },
  ],
  rows_read: 12,
  seconds: {},
}

test('the days of a measure stand in their order, with what is missing among them', () => {
  expect(coursesOf(EXPLAIN)).toEqual([
    {
      ...OF_REVENUE,
      stretches: [
        { from: '2026-03-01', to: '2026-03-02', source: 'rollup', detail: 'shop_daily', days: 2 },
        { from: '2026-03-03', to: '2026-03-03', source: 'missing', detail: 'NOT_ROLLED', days: 1 },
        { from: '2026-03-04', to: '2026-03-04', source: 'records', detail: '', days: 1 },
      ],
    },
  ])
})

test('a reason is told once, with all that it is about', () => {
  expect(refusedOf(EXPLAIN)).toEqual([
    {
      reason: 'DIMENSION_MISSING',
      rollups: ['shop_daily', 'product_daily'],
      measures: ['sum of revenue', 'uniques of customer'],
    },
  ])
})

test('a day that is missing for one measure counts as missing', () => {
  const other = {
    stream: 'lines',
    measure: 'count',
    from: '2026-03-01',
    to: '2026-03-04',
    source: 'rollup',
    rollup: 'a',
  }
  const courses = coursesOf({ ...EXPLAIN, routes: [...EXPLAIN.routes, other] })
  expect(daysBySource(courses)).toEqual([
    ['rollup', 2],
    ['records', 1],
    ['missing', 1],
  ])
})

test('days that are withheld from small groups are told from those that are missing', () => {
  const refusals = [{ ...OF_REVENUE, from: '2026-03-01', to: '2026-03-02', reason: 'WITHHELD' }]
  expect(daysBySource(coursesOf({ ...EXPLAIN, routes: [], refusals }))).toEqual([['withheld', 2]])
})
