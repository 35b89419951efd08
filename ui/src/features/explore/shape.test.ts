import { expect, test } from 'vitest'
import { answer, BEFORE, COUNTRY, CUSTOMERS, CUSTOMERS_ERROR, PRODUCT, REVENUE, TIME } from '@/answer/testing'
import { drawnOf, kindFor, kindsFor, shapeOf, withKind } from './shape'

const OVER_TIME = { metrics: 1, by: [], isWhole: false }
const BY_COUNTRY = { metrics: 1, by: ['country'], isWhole: true }

test('what is not chosen follows from the shape: a line over periods, bars of groups, else a figure', () => {
  expect(kindFor(OVER_TIME, undefined)).toBe('line')
  expect(kindFor(BY_COUNTRY, undefined)).toBe('bar')
  expect(kindFor({ ...BY_COUNTRY, by: [] }, undefined)).toBe('card')
})

test('a kind that was chosen is drawn only where it fits', () => {
  expect(kindFor(BY_COUNTRY, 'pie')).toBe('pie')
  expect(kindFor({ ...BY_COUNTRY, by: ['product'] }, 'map')).toBe('bar')
  expect(kindFor(OVER_TIME, 'table')).toBe('line')
})

test('kinds are offered over periods and as a whole', () => {
  expect(kindsFor({ metrics: 1, by: ['country'] })).toEqual(['line', 'area', 'bar', 'pie', 'map', 'heatmap'])
  expect(kindsFor({ metrics: 2, by: ['product'] })).toEqual(['line', 'area', 'bar', 'scatter'])
})

test('a kind takes the grain with it that it needs', () => {
  expect(withKind({ ...BY_COUNTRY, isWhole: false }, 'pie')).toEqual({ kind: 'pie', grain: 'all' })
  expect(withKind(BY_COUNTRY, 'line')).toEqual({ kind: 'line', grain: undefined })
  expect(withKind(BY_COUNTRY, 'map')).toEqual({ kind: 'map' })
})

test('the shape is that of the answer in sight', () => {
  expect(shapeOf(answer([TIME, COUNTRY, REVENUE, BEFORE], []))).toEqual({ ...OVER_TIME, by: ['country'] })
  expect(shapeOf(answer([COUNTRY, PRODUCT, REVENUE], []))).toMatchObject({ by: ['country', 'product'], isWhole: true })
})

test('figures of several units get a chart each, with their errors', () => {
  const both = answer([TIME, REVENUE, CUSTOMERS, CUSTOMERS_ERROR], [['2026-03-01', '5.00', '40', '2']], {
    totals: [null, '5.00', '40', '2'],
  })
  const [money, people] = drawnOf(both, 'line')
  expect(money?.rows).toEqual([['2026-03-01', '5.00']])
  expect(people?.columns).toEqual([TIME, CUSTOMERS, CUSTOMERS_ERROR])
  expect(people?.totals).toEqual([null, '40', '2'])
  expect(drawnOf(both, 'card')).toEqual([both])
})

test('groups are drawn without the period before', () => {
  const split = answer([COUNTRY, REVENUE, BEFORE], [['Spain', '2.00', '1.00']])
  expect(drawnOf(split, 'bar')[0]?.rows).toEqual([['Spain', '2.00']])
})
