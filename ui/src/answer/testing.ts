/** Builds answers for tests, shaped as the server's. */
import type { Answer, Cell, Column, ColumnKind, Labels } from './answer'

export const LABELS: Labels = {
  exact: true,
  final: true,
  coverage: { days: 3, missing: [] },
  suppressed: false,
  guarded: false,
  basis: 'origin',
  sources: { rollup: 3, records: 0, missing: 0 },
  error: {},
  notes: [],
}

export function column(name: string, kind: ColumnKind, unit = '', scale = 0): Column {
  return { name, kind, unit, scale }
}

export const TIME = column('time', 'time')
export const COUNTRY = column('country', 'dimension')
export const PRODUCT = column('product', 'dimension')
export const REVENUE = column('revenue', 'metric', 'GBP', 2)
export const BEFORE = column('revenue:previous', 'comparison', 'GBP', 2)
export const CUSTOMERS = column('customers', 'metric', 'customers')
export const CUSTOMERS_ERROR = column('customers:error', 'error', 'customers')

export function answer(columns: Column[], rows: Cell[][], more: Partial<Answer> = {}): Answer {
  return { columns, rows, totals: null, labels: LABELS, explain: null, ...more }
}
