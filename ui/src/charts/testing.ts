// Pictures for tests: plain English words, plain colours.
import { figureWithUnit, humanised, share, short } from '@/answer/numbers'
import { plotOf } from '@/answer/series'
import type { Answer } from '@/answer/answer'
import { themeOf } from './palette'
import type { ChartKind, Picture, Words } from './picture'

export const WORDS: Words = {
  locale: 'en',
  metric: humanised,
  value: (cell) => cell ?? 'no value',
  before: (name) => `${name}, before`,
  period: (day, isShort) => (isShort ? day.slice(5) : day),
  missing: 'missing',
  figure: (cell, series) => figureWithUnit(cell, series, 'en'),
  short: (value, unit) => short(value, unit, 'en'),
  share: (value) => share(value, 'en'),
  target: 'Target',
}

export const THEME = themeOf('light', { getPropertyValue: () => '' })

export function picture(kind: ChartKind, answer: Answer, more: Partial<Picture> = {}): Picture {
  return { kind, plot: plotOf(answer), theme: THEME, words: WORDS, ...more }
}
