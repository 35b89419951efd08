// The rows of a table: which columns it has, and in which order its rows stand.
import type { Answer, Cell, Column } from '@/answer/answer'
import { groupKind } from '@/answer/series'
import { value } from '@/answer/numbers'

export interface Sorting {
  readonly column: string
  readonly descending: boolean
}

export interface TableColumn {
  readonly column: Column
  readonly at: number
  /** Where the figure of the period before, and how far off this may be, stand in a row. */
  readonly before: number | null
  readonly error: number | null
}

/** Give the columns that a table shows: the period before and errors stand beside their metric. */
export function columnsOf(answer: Answer): TableColumn[] {
  const placeOf = (name: string) => {
    const found = answer.columns.findIndex((column) => column.name === name)
    return found < 0 ? null : found
  }
  return answer.columns.flatMap((column, at) =>
    column.kind === 'comparison' || column.kind === 'error'
      ? []
      : [{ column, at, before: placeOf(`${column.name}:previous`), error: placeOf(`${column.name}:error`) }],
  )
}

/** Give the rows in an order; what is missing, the rest and what is hidden stay last, whatever the direction. */
export function sorted(answer: Answer, sorting: Sorting | null): readonly (readonly Cell[])[] {
  const at = answer.columns.findIndex((column) => column.name === sorting?.column)
  const column = answer.columns[at]
  if (sorting === null || column === undefined) return answer.rows
  const dimensions = answer.columns.flatMap((one, i) => (one.kind === 'dimension' ? [i] : []))
  const sign = sorting.descending ? -1 : 1
  const isFigure = column.kind === 'metric'
  const compare = (a: Cell, b: Cell) =>
    isFigure ? (value(a) ?? 0) - (value(b) ?? 0) : (a ?? '').localeCompare(b ?? '')
  const isLast = (row: readonly Cell[]) => {
    const kind = groupKind(dimensions.map((place) => row[place] ?? null))
    return kind === 'other' || kind === 'hidden' ? 2 : (row[at] ?? null) === null ? 1 : 0
  }
  return [...answer.rows].sort((a, b) => isLast(a) - isLast(b) || sign * compare(a[at] ?? null, b[at] ?? null))
}
