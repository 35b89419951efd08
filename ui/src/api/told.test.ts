import { expect, test } from 'vitest'
import { makeFormats } from '@/texts/format'
import { toldBy } from './told'

const german = makeFormats('de')

test('names are what stands in quotes, whichever quotes a name needs', () => {
  expect(toldBy(`There is no metric 'profit'; known: revenue.`, german).names).toEqual(['profit'])
  expect(toldBy(`"Ann's sales" and 'Ben' ask for it.`, german).names).toEqual(["Ann's sales", 'Ben'])
})

test('dates and numbers are written as the language writes them', () => {
  const told = toldBy(`The question reads stream 'day 7' from 2011-02-01 on, of 12,500 days: ask for 3.`, german)
  expect(told.dates).toEqual(['1. Februar 2011'])
  expect(told.numbers).toEqual(['12.500', '3'])
})

test('a sentence that names nothing has nothing', () => {
  expect(toldBy('', german)).toEqual({ names: [], dates: [], numbers: [], sentence: '' })
})

test('an apostrophe within a word opens no name', () => {
  expect(toldBy(`Outside the day's interval: 3 records of stream 'orders'.`, german)).toMatchObject({
    names: ['orders'],
    numbers: ['3'],
  })
})
