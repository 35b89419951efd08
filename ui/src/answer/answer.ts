/** What the server answers: rows of cells, and the labels that say what each number is. */

/** A figure stays the decimal text that the server wrote, so that no digit is lost; null is missing, never zero. */
export type Cell = string | null

export type ColumnKind = 'time' | 'dimension' | 'metric' | 'comparison' | 'error'

export interface Column {
  readonly name: string
  readonly kind: ColumnKind
  readonly unit: string
  readonly scale: number
}

export interface Labels {
  readonly exact: boolean
  readonly final: boolean
  readonly coverage: { readonly days: number; readonly missing: readonly string[] }
  readonly suppressed: boolean
  readonly guarded: boolean
  readonly basis: string
  readonly sources: Readonly<Record<string, number>>
  readonly error: Readonly<Record<string, number>>
  readonly notes: readonly string[]
}

export interface Explain {
  readonly access: readonly Readonly<Record<string, unknown>>[]
  readonly routes: readonly Readonly<Record<string, unknown>>[]
  readonly refusals: readonly Readonly<Record<string, unknown>>[]
  readonly rows_read: number | null
  readonly seconds: Readonly<Record<string, number>>
}

export interface Answer {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  readonly totals: readonly Cell[] | null
  readonly labels: Labels
  readonly explain: Explain | null
}

/** How the server calls what is no single group. */
export const OTHER = '(other)'
export const HIDDEN = '(hidden)'
