import { expect, test } from 'vitest'
import { decimal, readExact, sumsOf } from './read'

test('a sum beyond the digits of a number is read whole, and short ones stay numbers', () => {
  const text = '{"sums": {"f_a": 123456789012345678901, "f_b": -7}, "said": "sum 12345678901234567890"}'
  expect(readExact(text)).toEqual({ sums: { f_a: '123456789012345678901', f_b: -7 }, said: 'sum 12345678901234567890' })
})

test.each([
  [531_040, 2, '5310.40'],
  [-5, 2, '-0.05'],
  ['123456789012345678901', 3, '123456789012345678.901'],
  [12, 0, '12'],
])('%s at %s decimals is %s', (sum, scale, told) => {
  expect(decimal(sum, scale)).toBe(told)
})

test('sums are told by field with its unit, also of a field that is declared no more', () => {
  const fields = [{ name: 'revenue', unit: 'GBP', scale: 2 }, { name: 'at' }]
  expect(sumsOf({ f_revenue: 100, f_gone: 3 }, fields)).toEqual([
    { name: 'revenue', unit: 'GBP', scale: 2, value: '1.00' },
    { name: 'gone', unit: '', scale: 0, value: '3' },
  ])
})
