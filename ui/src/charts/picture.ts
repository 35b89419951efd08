// What a chart is drawn from: series, words and colours, with nothing left to ask.
import { value } from '@/answer/numbers'
import { groupKind, type Plot, type Series } from '@/answer/series'
import type { Cell } from '@/answer/answer'
import type { Theme } from './palette'

export type ChartKind = 'line' | 'area' | 'bar' | 'pie' | 'scatter' | 'heatmap' | 'gauge' | 'map' | 'sparkline'

/** The words of a chart in the language of the person. */
export interface Words {
  readonly locale: string
  readonly metric: (name: string) => string
  /** A value of a dimension, or what stands for none. */
  readonly value: (cell: Cell) => string
  readonly before: (name: string) => string
  /** A period of the answer by its first day: short on an axis, in full in a tooltip. */
  readonly period: (day: string, isShort: boolean) => string
  readonly missing: string
  readonly figure: (cell: Cell, series: Series, index: number) => string
  readonly short: (value: number, unit: string) => string
  readonly share: (value: number) => string
  readonly target: string
}

export interface Picture {
  readonly kind: ChartKind
  readonly plot: Plot
  readonly theme: Theme
  readonly words: Words
  readonly stacked?: boolean
  readonly normal?: boolean
  readonly target?: string | null
  /** What a gauge shows, which may be over the whole range. */
  readonly total?: Cell
  /** Whether a figure below its target is the good one. */
  readonly isLessBetter?: boolean
  /** Whether there is little room: no legend, fewer labels. */
  readonly small?: boolean
  readonly isStill?: boolean
}

/** Give what a series is called. */
export function seriesName({ words, plot }: Picture, series: Series): string {
  const metric = words.metric(series.metric)
  const several = new Set(plot.series.map((one) => one.metric)).size > 1
  const group = series.group.map(words.value).join(' · ')
  const name = group === '' ? metric : several ? `${group} · ${metric}` : group
  return series.of === 'comparison' ? words.before(name) : name
}

/** Give the colour of each series: a group keeps the one of its figures in the period before. */
export function seriesColors({ plot, theme }: Picture): string[] {
  const places = new Map<string, number>()
  return plot.series.map((series) => {
    const kind = groupKind(series.group)
    if (kind === 'other' || kind === 'hidden') return theme.other
    const key = JSON.stringify([series.metric, series.group])
    if (!places.has(key)) places.set(key, places.size)
    return theme.series[(places.get(key) ?? 0) % theme.series.length] ?? theme.other
  })
}

/** Give what stands at a place of the axis. */
export function axisName({ plot, words }: Picture, index: number, isShort: boolean): string {
  const at = plot.axis.values[index] ?? null
  if (plot.axis.kind === 'time') return at === null ? '' : words.period(at, isShort)
  return plot.axis.kind === 'none' ? '' : words.value(at)
}

/** Give the numbers that a series is drawn with; with `normal`, shares of what all series have there. */
export function drawnValues({ plot, normal }: Picture, series: Series): (number | null)[] {
  const values = series.cells.map(value)
  if (!normal) return values
  return values.map((own, i) => {
    const all = plot.series
      .filter((one) => one.of === series.of)
      .reduce((sum, one) => sum + Math.abs(value(one.cells[i]) ?? 0), 0)
    return own === null || all === 0 ? null : own / all
  })
}

/** Give the places of a series that have no neighbour: a line alone would not show them. */
export function lonely(values: readonly (number | null)[]): Set<number> {
  const isGap = (i: number) => (values[i] ?? null) === null
  return new Set(values.flatMap((_, i) => (!isGap(i) && isGap(i - 1) && isGap(i + 1) ? [i] : [])))
}
