import { expect, test } from 'vitest'
import { gathered } from './said'

test('a sentence stands once, with the widgets that it is about unless that is all of them', () => {
  const said = [
    { title: 'Revenue', sentences: ['Final.', 'Exact.'] },
    { title: 'Customers', sentences: ['An estimate.', 'Final.'] },
  ]
  expect(gathered(said)).toEqual([
    { sentence: 'Final.', titles: null },
    { sentence: 'Exact.', titles: ['Revenue'] },
    { sentence: 'An estimate.', titles: ['Customers'] },
  ])
  expect(gathered([])).toEqual([])
})
