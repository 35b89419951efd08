// What a server's sentence names: it puts names in quotes, so that they can be told in any language.
import type { Formats } from '@/texts/format'

/** What a refusal is about, as its sentence has it: names, local dates and numbers, in their order. */
export interface Told {
  readonly names: readonly string[]
  /** As the language writes them. */
  readonly dates: readonly string[]
  readonly numbers: readonly string[]
  /** The server's own sentence, in English. */
  readonly sentence: string
}

/** What is said of a refusal: a sentence, or one with what it is about. */
export type Saying = string | ((told: Told) => string)

// An apostrophe within a word, as in "the day's interval", quotes nothing.
const QUOTED = /(?<![\p{L}\d])'([^']*)'|"([^"]*)"/gu
const DATE = /\b\d{4}-\d{2}-\d{2}\b/g
const NUMBER = /\b\d{1,3}(?:,\d{3})+\b|\b\d{1,15}\b/g

/** Give what a sentence of the server's names. */
export function toldBy(sentence: string, formats: Pick<Formats, 'date' | 'count'>): Told {
  const names = [...sentence.matchAll(QUOTED)].map(([, single, double]) => single ?? double ?? '')
  const plain = sentence.replace(QUOTED, ' ')
  const dates = [...plain.matchAll(DATE)].map(([date]) => formats.date(date))
  const numbers = [...plain.replace(DATE, ' ').matchAll(NUMBER)].map(([number]) =>
    formats.count(Number(number.replaceAll(',', ''))),
  )
  return { names, dates, numbers, sentence }
}

/** Give what says a code and the server's sentence in words of a language; the sentence itself where it has none. */
export function saidIn(
  known: Readonly<Record<string, Saying>>,
  code: string,
  sentence: string,
  formats: Pick<Formats, 'date' | 'count'>,
): string {
  const saying = known[code]
  if (typeof saying === 'function') return saying(toldBy(sentence, formats))
  return saying ?? (sentence || code)
}
