/** Reads an answer's JSON so that a figure keeps every digit: JavaScript's own numbers have about sixteen. */
import type { Answer, Cell } from './answer'

interface Written {
  readonly rows: readonly (readonly (string | boolean | null)[])[]
  readonly totals: readonly (string | boolean | null)[] | null
}

const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g

/** Give the answer that a response's text is; figures in rows and totals are decimal texts. */
export function readAnswer(text: string): Answer {
  const plain = JSON.parse(text) as Answer
  const exact = JSON.parse(quoted(text)) as Written
  return { ...plain, rows: exact.rows.map(cells), totals: exact.totals && cells(exact.totals) }
}

/** Give the event of a live stream: which question it is about, and its answer. */
export function readLiveAnswer(text: string): { index: number; answer: Answer } {
  const plain = JSON.parse(text) as { index: number; answer: Answer }
  const exact = (JSON.parse(quoted(text)) as { answer: Written }).answer
  const answer = { ...plain.answer, rows: exact.rows.map(cells), totals: exact.totals && cells(exact.totals) }
  return { index: plain.index, answer }
}

/** The same JSON with every number as a text. */
function quoted(text: string): string {
  return text.replace(TEXT_OR_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`))
}

/** Values of a yes-or-no dimension may come as such. */
function cells(row: readonly (string | boolean | null)[]): Cell[] {
  return row.map((cell) => (cell === null || typeof cell === 'string' ? cell : String(cell)))
}
