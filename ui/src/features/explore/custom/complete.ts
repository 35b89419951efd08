// What a formula may go on with where the caret stands: metrics, measures, words, and dimensions after `where`.
import type { Catalog } from '@/questions/ask'
import { OWN } from '../metrics'

export type SuggestionKind = 'metric' | 'measure' | 'word' | 'dimension'

export interface Suggestion {
  readonly kind: SuggestionKind
  /** What is written. */
  readonly text: string
  readonly about: string
  readonly unit: string
}

/** The word that the caret is at the end of. */
export interface Word {
  readonly from: number
  readonly text: string
  readonly isDimension: boolean
}

const MOST = 8
const WORDS = ['where ', 'running(', 'quantile(0.5, ']
const AT_END = /[A-Za-z_][A-Za-z0-9_.]*$/
/** A condition begins after `where`, and after an `and` behind one. */
const IN_CONDITION = /\bwhere\s+(?:[^+*/()]*\band\s+)?$/
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"/g

/** Give the word before the caret; nothing within a text in quotes. */
export function wordAt(text: string, caret: number): Word | null {
  const before = text.slice(0, caret)
  if (/['"]/.test(before.replace(QUOTED, ''))) return null
  const word = AT_END.exec(before)?.[0] ?? ''
  const from = caret - word.length
  const isDimension = IN_CONDITION.test(before.slice(0, from).replace(QUOTED, "''"))
  return word === '' && !isDimension ? null : { from, text: word, isDimension }
}

/** Give what can be written of formulas: what the person may see, but no metric that was made here itself. */
export function vocabularyOf({ metrics, measures }: Catalog): Suggestion[] {
  const dimensions = [...new Set(measures.flatMap((one) => one.dimensions))].sort()
  return [
    ...metrics
      .filter(({ name }) => !name.startsWith(OWN))
      .map(({ name, about, unit }) => ({ kind: 'metric' as const, text: name, about, unit })),
    ...measures.map(({ name, about, unit }) => ({ kind: 'measure' as const, text: name, about, unit })),
    ...WORDS.map((text) => ({ kind: 'word' as const, text, about: '', unit: '' })),
    ...dimensions.map((text) => ({ kind: 'dimension' as const, text, about: '', unit: '' })),
  ]
}

/** Give what the word may become: what begins with it before what only has it within. */
export function suggestionsFor(word: Word, vocabulary: readonly Suggestion[]): Suggestion[] {
  const typed = word.text.toLowerCase()
  const fits = vocabulary.filter(({ kind, text }) => (kind === 'dimension') === word.isDimension && text !== word.text)
  const begins = fits.filter(({ text }) => text.startsWith(typed))
  const holds = fits.filter(({ text }) => !text.startsWith(typed) && text.includes(typed))
  return [...begins, ...holds].slice(0, MOST)
}

/** Give the text with the word completed, and where the caret then is. */
export function completed(text: string, word: Word, chosen: Suggestion): { text: string; caret: number } {
  const rest = text.slice(word.from + word.text.length)
  const written = chosen.kind === 'dimension' ? `${chosen.text} = ` : chosen.text
  return { text: text.slice(0, word.from) + written + rest, caret: word.from + written.length }
}

/** Give the part of a formula that a problem is about: from its place to the end of the word there. */
export function placeOf(text: string, at: number): { from: number; to: number } {
  const from = Math.min(at, text.length)
  const word = /^(?:[A-Za-z0-9_.]+|'[^']*'?|\S)/.exec(text.slice(from))?.[0] ?? ''
  return { from, to: from + word.length }
}
