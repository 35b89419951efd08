// What somebody chose in a widget.
import type { Cell } from '@/answer/answer'
import { groupKind } from '@/answer/series'

/** A period or a group, and where on the screen. */
export interface Choice {
  readonly period: string | null
  readonly values: Readonly<Record<string, Cell>>
  readonly x: number
  readonly y: number
}

/** Give the values that can be filtered by: the rest, and what is hidden, are none. */
export function singled(values: Choice['values']): [string, Cell][] {
  return Object.entries(values).filter(([, cell]) => ['one', 'none'].includes(groupKind([cell])))
}
