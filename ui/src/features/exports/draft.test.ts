import { describe, expect, test } from 'vitest'
import type { Metric } from '@/questions/ask'
import { draftOf, fitting, isRight, orderOf, wrongIn } from './draft'
import type { Dataset, Datasets, Filter } from './queries'
import type { OrderSearch } from './search'

const HERE = { today: '2026-03-18', weekStart: 1 }
const COUNTRY: Filter = { name: 'country', kind: 'text', options: [] }
const CUSTOMER: Filter = { name: 'customer', kind: 'subject', options: [] }

const dataset = (name: string, given: Partial<Dataset>): Dataset => ({
  name,
  about: '',
  stream: null,
  grain: null,
  columns: [],
  personal: [],
  metrics: [],
  filters: (given.takes ?? []).map((one) => one.name),
  takes: [],
  from: null,
  purged_to: null,
  needs: [],
  ...given,
})
const LINES = dataset('lines', { stream: 'sales', takes: [COUNTRY, CUSTOMER], purged_to: '2026-03-10' })
const MONTHS = dataset('months', { grain: 'month', metrics: ['revenue', 'orders'], takes: [COUNTRY] })
const TOLD: Datasets = { datasets: [LINES, MONTHS], formats: [], most_rows: 100, most_days: 365 }
const METRICS = new Map(['revenue', 'orders'].map((name) => [name, { name, streams: ['sales'] } as unknown as Metric]))

const drafted = (search: OrderSearch, people = {}, told = TOLD) => {
  const draft = draftOf(search, people, { told, here: HERE, metrics: METRICS })
  if (draft === null) throw new Error('There is no dataset')
  return draft
}

test('figures of all that was looked at come before records behind it, and what is about something else not at all', () => {
  expect(fitting(['revenue'], TOLD.datasets, METRICS)).toEqual([MONTHS, LINES])
  expect(fitting(['revenue', 'gone'], TOLD.datasets, METRICS)).toEqual([LINES])
  expect(fitting(['gone'], TOLD.datasets, METRICS)).toEqual([])
  expect(drafted({ metrics: ['revenue'] }).dataset).toBe(MONTHS)
  expect(drafted({ metrics: ['revenue'], dataset: 'lines' }).dataset).toBe(LINES)
})

test('without any dataset there is nothing to ask for', () => {
  const told = { ...TOLD, datasets: [] }
  expect(draftOf({}, {}, { told, here: HERE, metrics: METRICS })).toBe(null)
})

test('filters that the dataset does not have are told and not sent', () => {
  const draft = drafted({ dataset: 'months', where: { country: ['France', null], product: ['tart'] } })
  expect(draft.dropped).toEqual(['product'])
  expect(orderOf(draft)).toEqual({
    dataset: 'months',
    format: 'csv',
    from: '2026-02-19',
    to: '2026-03-18',
    filters: { country: ['France', null] },
  })
})

test('people are filtered by without standing in the address, and never forgotten unseen', () => {
  const again = { dataset: 'lines', range: '2026-03-11..2026-03-18', where: { customer: [] } }
  expect(isRight(drafted(again))).toBe(false)
  const draft = drafted(again, { customer: ['c-7'] })
  expect(isRight(draft)).toBe(true)
  expect(orderOf(draft).filters).toEqual({ customer: ['c-7'] })
})

describe('days that cannot be had', () => {
  test('records begin after the last day that is deleted', () => {
    expect(drafted({ dataset: 'lines' })).toMatchObject({
      dates: { from: '2026-03-11', to: '2026-03-18' },
      fault: null,
    })
    const draft = drafted({ dataset: 'lines', range: '2026-03-01..2026-03-12' })
    expect(draft.fault).toEqual({
      why: 'DELETED',
      about: '2026-03-10',
      instead: { from: '2026-03-11', to: '2026-03-12' },
    })
    expect(isRight(draft)).toBe(false)
    expect(drafted({ dataset: 'lines', range: '2026-03-01..2026-03-10' }).fault?.instead).toBe(null)
  })

  test('figures do not', () => {
    expect(drafted({ dataset: 'months', range: '2026-01-01..2026-03-12' }).fault).toBe(null)
  })

  test('before the first that the role shows', () => {
    const told = { ...TOLD, datasets: [{ ...MONTHS, from: '2026-03-01' }] }
    expect(drafted({}, {}, told).dates.from).toBe('2026-03-01')
    expect(drafted({ range: 'this_year' }, {}, told).fault).toEqual({
      why: 'NOT_SHOWN',
      about: '2026-03-01',
      instead: { from: '2026-03-01', to: '2026-03-18' },
    })
  })

  test('more than an export may have', () => {
    expect(drafted({ dataset: 'months', range: '2025-03-19..2026-03-18' }).fault).toBe(null)
    expect(drafted({ dataset: 'months', range: '2025-03-18..2026-03-18' }).fault).toEqual({
      why: 'TOO_LONG',
      about: 366,
      instead: { from: '2025-03-19', to: '2026-03-18' },
    })
  })
})

test.each([
  ['integer', ['-12', '0'], null],
  ['integer', ['1.5', '007', '3'], ['1.5', '007']],
  ['choice', ['card'], null],
  ['choice', ['barter', null], ['barter']],
  ['boolean', ['true', 'maybe'], ['maybe']],
  ['text', ['anything', null], null],
  ['subject', [], 'BLANK'],
] as const)('what a filter of kind %s makes of %j', (kind, values, wrong) => {
  expect(wrongIn({ name: 'x', kind, options: ['card', 'cash'] }, values)).toEqual(wrong)
})
