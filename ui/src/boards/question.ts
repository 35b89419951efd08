// What a widget asks: its own question, over the range, grain, comparison and filters that the page shows.
import type { Question, Value } from '@/questions/ask'
import { grainFor, type Dates, type Grain } from '@/questions/range'
import type { Filter, Kind, Widget, WidgetQuery } from './document'

/** Where somebody has gone in one widget: down to some values, split by the next dimension. */
export interface Drill {
  readonly where: Readonly<Record<string, readonly Value[]>>
  readonly by: readonly string[]
}

/** What the page shows: what the address says, else what the dashboard does. */
export interface View {
  readonly dates: Dates
  readonly grain: Grain | null
  readonly compare: 'previous' | null
  readonly filters: readonly Filter[]
}

export interface Asked {
  /** Nothing, if the widget's own filter and the page's leave no value. */
  readonly question: Question | null
  /** The dimensions whose filters say nothing about these metrics. */
  readonly unfiltered: readonly string[]
}

type Dimensions = (metric: string) => readonly string[] | undefined

const WHOLE: ReadonlySet<Kind> = new Set(['pie', 'map', 'scatter', 'gauge'])
const SINGLE: ReadonlySet<Kind> = new Set(['card', 'gauge'])
// The server decides the same for those who come by a public link, in src/keepsum/engine/show.py;
// tests/questions.json holds the two together.
/** How many groups a kind shows before the rest becomes `(other)`. */
export const TOP: Partial<Record<Kind, number>> = {
  line: 7,
  area: 7,
  bar: 15,
  pie: 6,
  heatmap: 30,
  scatter: 200,
  map: 250,
  table: 100,
}

/** Give what a widget asks; `dimensionsOf` says what a metric can be split by, where that is known. */
export function questionOf(widget: Widget, view: View, dimensionsOf: Dimensions, drill?: Drill): Asked {
  const { query, kind } = widget
  if (query === null || query.metrics.length === 0) return { question: null, unfiltered: [] }
  const by = SINGLE.has(kind) ? [] : (drill?.by ?? query.by)
  const { where, unfiltered, isNothing } = merged(query, view.filters, drill, dimensionsOf)
  if (isNothing) return { question: null, unfiltered }
  const question: Question = {
    metrics: query.metrics,
    ...view.dates,
    by,
    grain: grainOf(widget, view, by.length),
    where,
    compare: isCompared(widget, view, by.length) ? 'previous' : null,
    order: query.order,
    top: by.length === 0 ? null : topOf(kind, query),
    totals: query.totals || kind === 'card',
  }
  return { question, unfiltered }
}

function topOf(kind: Kind, query: WidgetQuery): number | null {
  return query.top ?? TOP[kind] ?? null
}

/** Give the grain of a widget: its own, else the page's, else what suits the range; some kinds show no time. */
export function grainOf(widget: Widget, view: View, splits: number): Grain | 'all' {
  if (WHOLE.has(widget.kind) || (widget.kind === 'heatmap' && splits > 1)) return 'all'
  return widget.query?.grain ?? view.grain ?? grainFor(view.dates)
}

const COMPARED: ReadonlySet<Kind> = new Set(['line', 'area', 'bar'])

function isCompared(widget: Widget, view: View, splits: number): boolean {
  const { kind, options } = widget
  if (kind === 'card' || kind === 'table') return options.comparison || view.compare !== null
  return COMPARED.has(kind) && (options.comparison || (view.compare !== null && splits === 0))
}

type Plain = string | number | boolean | null

/** Whether two values are the same to a filter, which may have numbers and truths as such or as texts. */
function isSame(one: Plain, other: Plain): boolean {
  return one === null || other === null ? one === other : String(one) === String(other)
}

function merged(query: WidgetQuery, filters: readonly Filter[], drill: Drill | undefined, dimensionsOf: Dimensions) {
  // A filter without values is one that nobody has set yet.
  const own = Object.entries(query.where).filter(([, values]) => values.length > 0)
  const where: Record<string, readonly Value[]> = Object.fromEntries(own)
  const unfiltered: string[] = []
  const set = filters.filter(({ values }) => values.length > 0)
  const added = [...set, ...Object.entries(drill?.where ?? {}).map(([dimension, values]) => ({ dimension, values }))]
  for (const { dimension, values } of added) {
    const fits = query.metrics.every((metric) => dimensionsOf(metric)?.includes(dimension) ?? true)
    if (!fits) unfiltered.push(dimension)
    else where[dimension] = where[dimension]?.filter((one) => values.some((other) => isSame(one, other))) ?? values
  }
  return { where, unfiltered, isNothing: Object.values(where).some((values) => values.length === 0) }
}
