import { expect, test } from 'vitest'
import { change, figure, figureWithUnit, humanised, short } from './numbers'

const MONEY = { unit: 'GBP', scale: 2 }

test('every digit of a long figure is written', () => {
  expect(figure('123456789012345678.90', MONEY, 'en')).toBe('£123,456,789,012,345,678.90')
})

test('a figure has the decimals of its unit', () => {
  expect(figure('5', { unit: '', scale: 3 }, 'en')).toBe('5.000')
  expect(figure('0.023146', { unit: '', scale: 6 }, 'en')).toBe('0.023146')
})

test('figures are written as the language writes them', () => {
  expect(figure('1234.5', { unit: 'EUR', scale: 2 }, 'de')).toBe('1.234,50\u00a0€')
  expect(figure('12.5', { unit: 'percent', scale: 1 }, 'en')).toBe('12.5%')
})

test('a unit that is no sign stands behind the figure', () => {
  expect(figureWithUnit('1771', { unit: 'customers', scale: 0 }, 'en')).toBe('1,771 customers')
  expect(figureWithUnit('3.10', MONEY, 'en')).toBe('£3.10')
})

test('missing is written as nothing, never as zero', () => {
  expect(figureWithUnit(null, MONEY, 'en')).toBe('')
})

test('axes are short', () => {
  expect(short(1_519_298.83, 'GBP', 'en')).toBe('£1.5M')
  expect(short(0, 'items', 'en')).toBe('0')
})

test('a change from nothing, or to what is missing, is none', () => {
  expect(change('150', '100')).toBe(0.5)
  expect(change('-50', '-100')).toBe(0.5)
  expect(change('1', '0')).toBeNull()
  expect(change(null, '100')).toBeNull()
})

test('names are read as words', () => {
  expect(humanised('revenue_per_invoice')).toBe('Revenue per invoice')
})
