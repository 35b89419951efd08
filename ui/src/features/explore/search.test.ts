import { expect, test } from 'vitest'
import { readExplore } from './search'

test('a question in the address comes back as it was', () => {
  const search = {
    metrics: ['revenue'],
    by: ['country'],
    range: 'last_90_days',
    grain: 'week',
    where: { country: ['Spain', null] },
    compare: true,
    top: 5,
    kind: 'area',
  }
  expect(readExplore(search)).toEqual(search)
})

test('what makes no sense is left out', () => {
  const search = readExplore({
    metrics: 'revenue',
    by: [1],
    range: 'x',
    grain: 'hour',
    where: [],
    compare: 'yes',
    top: -1,
    kind: 'text',
  })
  expect(Object.values(search).every((one) => one === undefined)).toBe(true)
})
