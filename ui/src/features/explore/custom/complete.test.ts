import { expect, test } from 'vitest'
import type { Catalog } from '@/questions/ask'
import { completed, placeOf, suggestionsFor, vocabularyOf, wordAt } from './complete'

const CATALOG = {
  metrics: [
    { name: 'revenue', about: 'What was taken.', unit: 'GBP' },
    { name: 'own_margin', about: '', unit: '' },
  ],
  measures: [{ name: 'shop_daily.revenue', about: '', unit: 'GBP', dimensions: ['product', 'country'] }],
} as unknown as Catalog
const VOCABULARY = vocabularyOf(CATALOG)

function offered(text: string): string[] {
  const word = wordAt(text, text.length)
  return word === null ? [] : suggestionsFor(word, VOCABULARY).map((one) => one.text)
}

test('a word goes on as a metric or a measure, what begins with it first', () => {
  expect(offered('lines / rev')).toEqual(['revenue', 'shop_daily.revenue'])
})

test('metrics that were made here are not made of each other', () => {
  expect(offered('own')).toEqual([])
})

test('after where and and come dimensions, and after their values everything else', () => {
  expect(offered('revenue where ')).toEqual(['country', 'product'])
  expect(offered("revenue where country = 'Spain' and pro")).toEqual(['product'])
  expect(offered("revenue where country = 'Spain' / re")).toEqual(['revenue', 'shop_daily.revenue', 'where '])
})

test('within a text in quotes nothing is offered', () => {
  expect(offered("revenue where country = 'Fr")).toEqual([])
  expect(offered('')).toEqual([])
})

test('what was chosen takes the place of the word, and the rest stays', () => {
  const word = wordAt('rev / lines', 3)
  const [first] = VOCABULARY
  if (word === null || first === undefined) throw new Error('nothing to complete')
  expect(completed('rev / lines', word, first)).toEqual({ text: 'revenue / lines', caret: 7 })
})

test('a problem is about the word at its place, or about the end', () => {
  expect(placeOf('revenue / gone', 10)).toEqual({ from: 10, to: 14 })
  expect(placeOf('revenue /', 9)).toEqual({ from: 9, to: 9 })
})
