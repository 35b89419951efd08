// From the address to the question: what goes together is asked, what does not is said.
import { NO_OPTIONS, type Widget } from '@/boards/document'
import { TOP } from '@/boards/question'
import type { Metric, Question, Value } from '@/questions/ask'
import { datesOf, grainFor, type Here } from '@/questions/range'
import { filtersOf, rangeFrom, type ExploreSearch } from './search'
import { kindFor, type Shape, type ShownKind } from './shape'

type Metrics = ReadonlyMap<string, Metric>

export interface Asking {
  readonly question: Question
  readonly kind: ShownKind
  readonly shape: Shape
  /** The dimensions of the address that these metrics know nothing of. */
  readonly unsplit: readonly string[]
  readonly unfiltered: readonly string[]
}

/** Give the dimensions that every one of the metrics can be split by; unknown metrics say nothing. */
export function sharedDimensions(names: readonly string[], metrics: Metrics): string[] {
  const known = names.flatMap((name) => metrics.get(name) ?? [])
  return (known[0]?.dimensions ?? []).filter((one) => known.every(({ dimensions }) => dimensions.includes(one)))
}

/** Give what the address asks; nothing as long as no metric is chosen. */
export function askingOf(search: ExploreSearch, here: Here, metrics: Metrics): Asking | null {
  const names = search.metrics ?? []
  if (names.length === 0) return null
  const shared = new Set(sharedDimensions(names, metrics))
  const isKnown = names.every((name) => metrics.has(name))
  const fits = (dimension: string) => !isKnown || shared.has(dimension)
  const by = (search.by ?? []).filter(fits)
  const where = Object.entries(filtersOf(search))
  const dates = datesOf(rangeFrom(search), here)
  const grain = search.grain ?? grainFor(dates)
  const shape: Shape = { metrics: names.length, by, isWhole: grain === 'all' }
  const kind = kindFor(shape, search.kind)
  const question: Question = {
    metrics: names,
    ...dates,
    by,
    grain,
    where: Object.fromEntries(where.filter(([dimension]) => fits(dimension))),
    compare: search.compare === true ? 'previous' : null,
    order: null,
    top: topOf(search, by, kind),
    totals: grain !== 'all' || by.length > 0,
  }
  const unfiltered = where.map(([dimension]) => dimension).filter((dimension) => !fits(dimension))
  return { question, kind, shape, unsplit: (search.by ?? []).filter((one) => !fits(one)), unfiltered }
}

function topOf({ top }: ExploreSearch, by: readonly string[], kind: ShownKind): number | null {
  return by.length === 0 ? null : (top ?? TOP[kind] ?? null)
}

/** Give the widget that shows on a dashboard what is shown here, as the chart or as the table. */
export function widgetOf(search: ExploreSearch, { question, kind }: Asking, as: 'chart' | 'table'): Widget {
  const { metrics, by, where } = question
  return {
    id: 'explored',
    kind: as === 'table' ? 'table' : kind,
    title: '',
    about: '',
    place: { x: 0, y: 0, w: 6, h: 6 },
    query: {
      metrics,
      by,
      where,
      grain: search.grain ?? null,
      order: null,
      top: by.length === 0 ? null : (search.top ?? null),
      totals: as === 'table',
    },
    options: {
      ...NO_OPTIONS,
      stacked: search.stack === 'stacked',
      normal: search.stack === 'normal',
      comparison: search.compare === true,
    },
  }
}

/** Give what is asked of an export of the same: its days and values as they are here, and what it is to have. */
export function exportOf({ metrics, where, from, to }: Question) {
  const values = Object.entries(where).map(([name, chosen]): [string, Value[]] => [name, [...chosen]])
  return {
    metrics: [...metrics],
    range: `${from}..${to}`,
    where: values.length === 0 ? undefined : Object.fromEntries(values),
  }
}

/** Give the formula that says one of the metrics with its filters, or one over the other. */
export function formulaOf({ metrics, where }: Question): string {
  const conditions = Object.entries(where).map(([dimension, values]) => {
    const written = values.map((value) => (value === null ? 'none' : `'${value.replaceAll("'", "''")}'`))
    return written.length === 1 ? `${dimension} = ${written.join('')}` : `${dimension} in (${written.join(', ')})`
  })
  const filter = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
  return metrics
    .slice(0, 2)
    .map((name) => name + filter)
    .join(' / ')
}

/** Give the dimensions that a question can be split by further. */
export function further(by: readonly string[], dimensions: readonly string[]): string[] {
  return dimensions.filter((one) => !by.includes(one))
}
