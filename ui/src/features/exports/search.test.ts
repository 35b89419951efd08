import { expect, test } from 'vitest'
import { readOrder, withValues } from './search'

test('what makes no sense in the address is as if it were not there', () => {
  expect(readOrder({ dataset: 7, range: 'yesteryear', where: ['x'], format: 'pdf', metrics: [1] })).toEqual({})
  const order = {
    dataset: 'takings',
    range: '2026-01-01..2026-01-31',
    where: { country: ['France', null], customer: [] },
    format: 'xlsx',
    metrics: ['revenue'],
  }
  expect(readOrder(order)).toEqual(order)
})

test('a filter is changed beside the others, and taken away with its last value', () => {
  const search = { where: { country: ['France'], product: ['tart'] } }
  expect(withValues(search, 'country', ['Spain'])).toEqual({ where: { product: ['tart'], country: ['Spain'] } })
  expect(withValues(search, 'country', [])).toEqual({ where: { product: ['tart'] } })
  expect(withValues({ where: { country: ['France'] } }, 'country', [])).toEqual({ where: undefined })
})
