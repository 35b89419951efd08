// The words of answers and charts, in the language of the person.
import { useMemo } from 'react'
import { HIDDEN, OTHER, type Cell } from '@/answer/answer'
import { figureWithUnit, humanised, share, short } from '@/answer/numbers'
import type { Series } from '@/answer/series'
import type { Words } from '@/charts/picture'
import type { Grain } from '@/questions/range'
import { useFormats, useTexts, type Texts } from '@/texts'
import type { Formats } from '@/texts/format'

/** Give the words of a chart whose axis has periods of a grain. */
export function useWords(grain: Grain | 'all'): Words {
  const texts = useTexts('answers')
  const formats = useFormats()
  return useMemo(() => wordsOf(texts, formats, grain), [texts, formats, grain])
}

/** Give what a value of a dimension is called: no value, the rest and what is hidden have words of their own. */
export function valueName(texts: Texts['answers'], cell: Cell): string {
  if (cell === null) return texts.noValue
  if (cell === OTHER) return texts.other
  return cell === HIDDEN ? texts.hidden : cell
}

/** Give what the period that starts on a day is called. */
export function periodName(
  texts: Texts['answers'],
  formats: Formats,
  grain: Grain | 'all',
  day: string,
  isShort: boolean,
): string {
  const year = day.slice(0, 4)
  switch (grain) {
    case 'week':
      return isShort ? formats.shortDate(day) : texts.week(formats.date(day))
    case 'month':
      return isShort ? `${formats.monthName(day)} ${year.slice(2)}` : formats.month(day)
    case 'quarter':
      return texts.quarter(Math.floor((Number(day.slice(5, 7)) + 2) / 3), year)
    case 'year':
      return year
    default:
      return isShort ? formats.shortDate(day) : formats.weekday(day)
  }
}

function wordsOf(texts: Texts['answers'], formats: Formats, grain: Grain | 'all'): Words {
  const { locale } = formats
  const written = (cell: Cell, series: Series) => figureWithUnit(cell, series, locale)
  return {
    locale,
    metric: humanised,
    value: (cell) => valueName(texts, cell),
    before: texts.before,
    period: (day, isShort) => periodName(texts, formats, grain, day, isShort),
    missing: texts.missing,
    figure: (cell, series, index) => {
      const error = series.errors?.[index] ?? null
      return error === null
        ? written(cell, series)
        : texts.give(written(cell, series), written(error, { ...series, unit: '' }))
    },
    short: (value, unit) => short(value, unit, locale),
    share: (value) => share(value, locale),
    target: texts.target,
  }
}
