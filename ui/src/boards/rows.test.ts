import { expect, test } from 'vitest'
import { answer, BEFORE, COUNTRY, CUSTOMERS, CUSTOMERS_ERROR, REVENUE } from '@/answer/testing'
import { columnsOf, sorted } from './rows'

const ROWS = [
  ['Spain', '9.00'],
  ['(other)', '99.00'],
  ['France', '10.00'],
  [null, null],
]

test('figures are sorted as numbers, and what is no single group stays last', () => {
  const shown = answer([COUNTRY, REVENUE], ROWS)
  expect(sorted(shown, { column: 'revenue', descending: true }).map((row) => row[0])).toEqual([
    'France',
    'Spain',
    null,
    '(other)',
  ])
  expect(sorted(shown, { column: 'revenue', descending: false }).map((row) => row[0])).toEqual([
    'Spain',
    'France',
    null,
    '(other)',
  ])
})

test('without a wish rows stand as the server gave them', () => {
  expect(sorted(answer([COUNTRY, REVENUE], ROWS), null)).toEqual(ROWS)
})

test('errors and the period before stand beside their metric', () => {
  const columns = columnsOf(answer([COUNTRY, REVENUE, CUSTOMERS, BEFORE, CUSTOMERS_ERROR], []))
  expect(columns.map(({ column, before, error }) => [column.name, before, error])).toEqual([
    ['country', null, null],
    ['revenue', 3, null],
    ['customers', null, 4],
  ])
})
