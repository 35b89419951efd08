// Which charts go with which answers, and how an answer is cut into charts that each have one unit.
import type { Answer, Column } from '@/answer/answer'
import type { Kind } from '@/boards/document'
import type { ExploreSearch } from './search'

/** What a chart has to show: so many metrics, split by these, over periods or the range as a whole. */
export interface Shape {
  readonly metrics: number
  readonly by: readonly string[]
  readonly isWhole: boolean
}

export type ShownKind = Exclude<Kind, 'text' | 'table' | 'gauge'>

const COUNTRY = /country|land$|nation/i

const FITS: Record<ShownKind, (shape: Shape) => boolean> = {
  line: ({ isWhole }) => !isWhole,
  area: ({ isWhole }) => !isWhole,
  bar: ({ isWhole, by }) => !isWhole || by.length > 0,
  card: ({ by }) => by.length === 0,
  pie: ({ metrics, by, isWhole }) => isWhole && metrics === 1 && by.length === 1,
  map: ({ metrics, by, isWhole }) => isWhole && metrics === 1 && by.length === 1 && COUNTRY.test(by[0] ?? ''),
  scatter: ({ metrics, by, isWhole }) => isWhole && metrics > 1 && by.length === 1,
  heatmap: ({ metrics, by, isWhole }) => metrics === 1 && by.length === (isWhole ? 2 : 1),
}

export const SHOWN_KINDS = Object.keys(FITS) as ShownKind[]

/** Charts over an axis of figures: several units on one axis would compare what cannot be compared. */
const ONE_UNIT: ReadonlySet<ShownKind> = new Set(['line', 'area', 'bar'])

/** Give the kinds of charts that a question can be shown as, over periods or as a whole. */
export function kindsFor(shape: Omit<Shape, 'isWhole'>): ShownKind[] {
  return SHOWN_KINDS.filter((kind) => [false, true].some((isWhole) => FITS[kind]({ ...shape, isWhole })))
}

/** Give the kind that is drawn: the one that was chosen if it fits, else what suits the shape. */
export function kindFor(shape: Shape, chosen: Kind | undefined): ShownKind {
  const fits = SHOWN_KINDS.find((kind) => kind === chosen && FITS[kind](shape))
  if (fits !== undefined) return fits
  if (!shape.isWhole) return 'line'
  return shape.by.length === 0 ? 'card' : 'bar'
}

/** Give what the address becomes when somebody chooses a kind: the grain follows where the kind needs it to. */
export function withKind(shape: Shape, kind: ShownKind): Pick<ExploreSearch, 'kind' | 'grain'> {
  if (FITS[kind](shape)) return { kind }
  return { kind, grain: shape.isWhole ? undefined : 'all' }
}

/** Give the shape of an answer. */
export function shapeOf({ columns }: Answer): Shape {
  return {
    metrics: columns.filter((column) => column.kind === 'metric').length,
    by: columns.filter((column) => column.kind === 'dimension').map((column) => column.name),
    isWhole: !columns.some((column) => column.kind === 'time'),
  }
}

/** Give the answers that charts are drawn of: one for each unit where a chart has one axis of figures. */
export function drawnOf(answer: Answer, kind: ShownKind): Answer[] {
  const hasGroups = answer.columns.some((column) => column.kind === 'dimension')
  // The period before of every group would be twice as many lines as anybody can tell apart.
  const shown = hasGroups ? only(answer, (column) => column.kind !== 'comparison') : answer
  if (!ONE_UNIT.has(kind)) return [shown]
  const units = new Set(shown.columns.filter((column) => column.kind === 'metric').map((column) => column.unit))
  if (units.size < 2) return [shown]
  return [...units].map((unit) => only(shown, (column) => !isFigure(column) || column.unit === unit))
}

function isFigure({ kind }: Column): boolean {
  return kind === 'metric' || kind === 'comparison' || kind === 'error'
}

function only(answer: Answer, isKept: (column: Column) => boolean): Answer {
  const places = answer.columns.flatMap((column, place) => (isKept(column) ? [place] : []))
  const cut = <T>(cells: readonly T[]) => places.flatMap((place) => cells.slice(place, place + 1))
  return {
    ...answer,
    columns: cut(answer.columns),
    rows: answer.rows.map(cut),
    totals: answer.totals && cut(answer.totals),
  }
}
