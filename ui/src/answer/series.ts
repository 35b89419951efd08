/** Turns the rows of an answer into series over one axis: what charts draw. Missing cells stay missing. */
import { HIDDEN, OTHER, type Answer, type Cell, type Column } from './answer'

export interface Axis {
  readonly kind: 'time' | 'dimension' | 'none'
  readonly name: string
  readonly values: readonly Cell[]
}

export interface Series {
  readonly id: string
  readonly metric: string
  readonly of: 'metric' | 'comparison'
  readonly group: readonly Cell[]
  readonly unit: string
  readonly scale: number
  readonly cells: readonly Cell[]
  /** How far off each cell may be, where the metric is an estimate. */
  readonly errors: readonly Cell[] | null
}

export interface Plot {
  readonly axis: Axis
  /** The dimensions whose values tell series apart. */
  readonly split: readonly string[]
  readonly series: readonly Series[]
}

/** What kind of group the values of dimensions are: one of its own, the rest, what is hidden, or no value. */
export function groupKind(group: readonly Cell[]): 'one' | 'other' | 'hidden' | 'none' {
  if (group.includes(HIDDEN)) return 'hidden'
  if (group.length > 0 && group.every((cell) => cell === OTHER)) return 'other'
  return group.length > 0 && group.every((cell) => cell === null) ? 'none' : 'one'
}

/** Give an answer as series: over time if it has periods, else over its first dimension. */
export function plotOf(answer: Answer): Plot {
  const places = placesOf(answer.columns)
  const [axisPlace, ...splitPlaces] = places.time === null ? places.dimensions : [places.time, ...places.dimensions]
  const axis = axisOf(answer, axisPlace, places.time !== null)
  const groups = rowsByGroup(answer, axis, axisPlace, splitPlaces)
  const figures = answer.columns.flatMap((column, place) => (isFigure(column) ? [{ column, place }] : []))
  const series = groups.flatMap((found) =>
    figures.map(({ column, place }) => seriesOf(answer.columns, column, place, found)),
  )
  return { axis, split: splitPlaces.map((place) => answer.columns[place]?.name ?? ''), series }
}

/** The answer without the periods at its start that nothing is known of: a stream that began later. */
export function withoutEmptyStart(answer: Answer): Answer {
  if (answer.columns[0]?.kind !== 'time') return answer
  const first = answer.rows.findIndex((row) => row.some((cell, i) => isFigure(answer.columns[i]) && isSome(cell)))
  const start = answer.rows[first]?.[0]
  if (first <= 0 || start === undefined) return answer
  return { ...answer, rows: answer.rows.filter((row) => (row[0] ?? '') >= (start ?? '')) }
}

/** The figure of a metric over the whole range, and of the period before. */
export function totalOf(answer: Answer, metric: string, of: 'metric' | 'comparison' | 'error' = 'metric'): Cell {
  const name = of === 'metric' ? metric : `${metric}:${of === 'error' ? 'error' : 'previous'}`
  const place = answer.columns.findIndex((column) => column.name === name && column.kind === of)
  const row = answer.totals ?? (answer.rows.length === 1 ? answer.rows[0] : undefined)
  return row?.[place] ?? null
}

/** Whether an answer says anything at all. */
export function isEmpty(answer: Answer): boolean {
  const row = (cells: readonly Cell[]) => cells.some((cell, i) => isFigure(answer.columns[i]) && isSome(cell))
  return !answer.rows.some(row) && !(answer.totals && row(answer.totals))
}

function isSome(cell: Cell): boolean {
  return cell !== null
}

function isFigure(column: Column | undefined): boolean {
  return column?.kind === 'metric' || column?.kind === 'comparison'
}

function placesOf(columns: readonly Column[]) {
  const time = columns.findIndex((column) => column.kind === 'time')
  const dimensions = columns.flatMap((column, place) => (column.kind === 'dimension' ? [place] : []))
  return { time: time < 0 ? null : time, dimensions }
}

function axisOf(answer: Answer, place: number | undefined, isTime: boolean): Axis {
  if (place === undefined) return { kind: 'none', name: '', values: [null] }
  const values = [...new Set(answer.rows.map((row) => row[place] ?? null))]
  const sorted = isTime ? values.sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1)) : values
  return { kind: isTime ? 'time' : 'dimension', name: answer.columns[place]?.name ?? '', values: sorted }
}

interface Group {
  readonly group: readonly Cell[]
  /** The row at each place of the axis. */
  readonly rows: (readonly Cell[] | undefined)[]
}

function rowsByGroup(answer: Answer, axis: Axis, axisPlace: number | undefined, splits: number[]): Group[] {
  const at = new Map(axis.values.map((value, i) => [value, i]))
  const groups = new Map<string, Group>()
  for (const row of answer.rows) {
    const group = splits.map((place) => row[place] ?? null)
    const key = JSON.stringify(group)
    const found = groups.get(key) ?? { group, rows: new Array<readonly Cell[] | undefined>(axis.values.length) }
    groups.set(key, found)
    found.rows[axisPlace === undefined ? 0 : (at.get(row[axisPlace] ?? null) ?? 0)] = row
  }
  return [...groups.values()]
}

function seriesOf(columns: readonly Column[], column: Column, place: number, { group, rows }: Group): Series {
  const metric = column.kind === 'comparison' ? column.name.replace(/:previous$/, '') : column.name
  const errorPlace = columns.findIndex((one) => one.kind === 'error' && one.name === `${column.name}:error`)
  const cells = (at: number): Cell[] => Array.from(rows, (row) => row?.[at] ?? null)
  return {
    id: JSON.stringify([column.name, ...group]),
    metric,
    of: column.kind === 'comparison' ? 'comparison' : 'metric',
    group,
    unit: column.unit,
    scale: column.scale,
    cells: cells(place),
    errors: errorPlace < 0 ? null : cells(errorPlace),
  }
}
