import { expect, test } from 'vitest'
import { emptyDocument } from '@/boards/document'
import { isChanged, readSearch, shownFilters, viewOf, withDrill, withFilter, withOff, withTable } from './search'
import { rangeText } from '@/questions/range'

const HERE = { today: '2026-03-18', weekStart: 1 }
const BOARD = {
  ...emptyDocument('Sales', 300),
  compare: 'previous' as const,
  filters: [{ dimension: 'country', values: ['Spain'] }],
}

test('an address without anything shows the dashboard as it is', () => {
  expect(viewOf(BOARD, readSearch({}), HERE)).toEqual({
    dates: { from: '2026-02-19', to: '2026-03-18' },
    grain: null,
    compare: 'previous',
    filters: [{ dimension: 'country', values: ['Spain'] }],
  })
})

test('everything that is seen is in the address, and comes back from it', () => {
  const filtered = withFilter({ range: '2026-01-01..2026-01-31', grain: 'week', compare: 'none' }, 'product', [
    'tea',
    null,
  ])
  const drilled = withDrill(filtered, 'bar-1', { where: { country: ['Spain'] }, by: ['product'] })
  const search = withOff(withTable(drilled, 'line-1', true), 'area-1', ['(other)'])
  expect(readSearch(JSON.parse(JSON.stringify(search)) as Record<string, unknown>)).toEqual(search)
  expect(viewOf(BOARD, search, HERE)).toMatchObject({
    dates: { from: '2026-01-01', to: '2026-01-31' },
    grain: 'week',
    compare: null,
  })
})

test('what makes no sense in an address is left out', () => {
  const search = readSearch({
    range: '2026-02-30..x',
    grain: 'hour',
    compare: 1,
    filter: { a: 'b', c: [1] },
    drill: { w: { by: 'x' } },
    tables: [1],
    full: 'yes',
  })
  expect(Object.values(search).every((one) => one === undefined)).toBe(true)
})

test('a range that ends before it begins is none', () => {
  expect(readSearch({ range: '2026-02-02..2026-02-01' }).range).toBeUndefined()
})

test('a filter of the address takes the place of the dashboard’s own, and may stand beside it', () => {
  const search = withFilter(withFilter({}, 'country', []), 'product', ['tea'])
  expect(shownFilters(BOARD, search)).toEqual([
    { dimension: 'country', values: [] },
    { dimension: 'product', values: ['tea'] },
  ])
})

test('taking everything back leaves the address as it was', () => {
  const search = withDrill(withFilter({}, 'country', ['Spain']), 'w', { where: {}, by: [] })
  expect(isChanged(search)).toBe(true)
  expect(isChanged(withDrill(withFilter(search, 'country', null), 'w', null))).toBe(false)
  expect(isChanged(withTable(withTable({}, 'w', true), 'w', false))).toBe(false)
})

test('ranges are written as they are read', () => {
  expect([rangeText({ preset: 'all' }), rangeText({ from: '2026-01-01', to: '2026-01-02' })]).toEqual([
    'all',
    '2026-01-01..2026-01-02',
  ])
})

test('a legend that is whole again is not in the address', () => {
  const search = withOff(withOff({}, 'area-1', ['tea']), 'pie-1', ['cake'])
  expect(search.off).toEqual({ 'area-1': ['tea'], 'pie-1': ['cake'] })
  expect(isChanged(search)).toBe(true)
  expect(withOff(withOff(search, 'area-1', []), 'pie-1', []).off).toBeUndefined()
})
