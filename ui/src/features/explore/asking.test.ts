import { expect, test } from 'vitest'
import type { Metric } from '@/questions/ask'
import { askingOf, exportOf, formulaOf, sharedDimensions, widgetOf } from './asking'

const HERE = { today: '2026-03-18', weekStart: 1 }
const METRICS = new Map([
  ['revenue', { name: 'revenue', dimensions: ['country', 'product'] } as Metric],
  ['customers', { name: 'customers', dimensions: ['country'] } as Metric],
])
const RANGE = { range: '2026-03-01..2026-03-07' }

test('nothing is asked without a metric', () => {
  expect(askingOf({ by: ['country'] }, HERE, METRICS)).toBeNull()
})

test('the dimensions of several metrics are those that all of them have', () => {
  expect(sharedDimensions(['revenue'], METRICS)).toEqual(['country', 'product'])
  expect(sharedDimensions(['revenue', 'customers'], METRICS)).toEqual(['country'])
})

test('what a metric knows nothing of is not asked, and is said', () => {
  const search = { ...RANGE, metrics: ['revenue', 'customers'], by: ['product'], where: { product: ['tea'] } }
  const asking = askingOf(search, HERE, METRICS)
  expect(asking?.question).toMatchObject({ by: [], where: {} })
  expect(asking).toMatchObject({ unsplit: ['product'], unfiltered: ['product'] })
})

test('a metric that is unknown is asked as it is, and the server says why not', () => {
  const asking = askingOf({ ...RANGE, metrics: ['gone'], by: ['product'] }, HERE, METRICS)
  expect(asking?.question).toMatchObject({ metrics: ['gone'], by: ['product'] })
})

test('filters that are offered but not set leave nothing out', () => {
  const asking = askingOf({ ...RANGE, metrics: ['revenue'], where: { country: [], product: ['tea'] } }, HERE, METRICS)
  expect(asking?.question.where).toEqual({ product: ['tea'] })
})

test('groups beyond what a chart can show become the rest, unless somebody asks for more', () => {
  const search = { ...RANGE, metrics: ['revenue'], by: ['product'] }
  expect(askingOf(search, HERE, METRICS)?.question.top).toBe(7)
  expect(askingOf({ ...search, top: 50 }, HERE, METRICS)?.question.top).toBe(50)
})

test('what is seen is what is saved', () => {
  const search = { ...RANGE, metrics: ['revenue'], by: ['country'], stack: 'stacked' as const, kind: 'area' as const }
  const asking = askingOf(search, HERE, METRICS)
  if (asking === null) throw new Error('nothing was asked')
  expect(widgetOf(search, asking, 'chart')).toMatchObject({ kind: 'area', options: { stacked: true } })
  expect(widgetOf(search, asking, 'table')).toMatchObject({ kind: 'table', query: { by: ['country'], totals: true } })
})

test('a question is written as a formula, with what it is filtered by', () => {
  const question = askingOf(
    { ...RANGE, metrics: ['revenue'], where: { country: ["Côte d'Ivoire", null] } },
    HERE,
    METRICS,
  )
  expect(question && formulaOf(question.question)).toBe("revenue where country in ('Côte d''Ivoire', none)")
  const two = askingOf({ ...RANGE, metrics: ['revenue', 'customers'], where: { country: ['Spain'] } }, HERE, METRICS)
  expect(two && formulaOf(two.question)).toBe("revenue where country = 'Spain' / customers where country = 'Spain'")
})

test('an export of the same asks for its days as they are, its values, and what it is to have', () => {
  const asking = askingOf({ ...RANGE, metrics: ['revenue'], where: { country: ['France'] } }, HERE, METRICS)
  if (asking === null) throw new Error('Nothing was asked')
  expect(exportOf(asking.question)).toEqual({
    metrics: ['revenue'],
    range: '2026-03-01..2026-03-07',
    where: { country: ['France'] },
  })
})
