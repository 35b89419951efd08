/** A dashboard as it is stored: what it shows and where, without any figures. */
import type { Grain, Range } from '@/questions/range'

export const KINDS = [
  'line',
  'area',
  'bar',
  'pie',
  'scatter',
  'heatmap',
  'gauge',
  'card',
  'table',
  'map',
  'text',
] as const
export type Kind = (typeof KINDS)[number]

export type Scalar = string | null

export interface Place {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

export interface WidgetQuery {
  readonly metrics: readonly string[]
  readonly by: readonly string[]
  readonly where: Readonly<Record<string, readonly Scalar[]>>
  readonly grain: Grain | 'all' | null
  readonly order: string | null
  readonly top: number | null
  readonly totals: boolean
}

export interface Options {
  readonly stacked: boolean
  readonly target: string | null
  readonly text: string
  readonly comparison: boolean
  readonly normal: boolean
}

export interface Widget {
  readonly id: string
  readonly kind: Kind
  readonly title: string
  readonly about: string
  readonly place: Place
  readonly query: WidgetQuery | null
  readonly options: Options
}

export interface Filter {
  readonly dimension: string
  readonly values: readonly Scalar[]
}

export interface Document {
  readonly title: string
  readonly about: string
  readonly range: Range
  readonly grain: Grain | null
  readonly compare: 'previous' | null
  readonly filters: readonly Filter[]
  readonly refresh: number | 'live'
  readonly widgets: readonly Widget[]
}

export const NO_OPTIONS: Options = { stacked: false, target: null, text: '', comparison: false, normal: false }

/** Give an empty dashboard. */
export function emptyDocument(title: string, refresh: number): Document {
  return {
    title,
    about: '',
    range: { preset: 'last_28_days' },
    grain: null,
    compare: null,
    filters: [],
    refresh,
    widgets: [],
  }
}

/** How large a widget of a kind is at first, and at least. */
export const SIZES: Record<
  Kind,
  { readonly w: number; readonly h: number; readonly minW: number; readonly minH: number }
> = {
  line: { w: 6, h: 6, minW: 3, minH: 4 },
  area: { w: 6, h: 6, minW: 3, minH: 4 },
  bar: { w: 6, h: 6, minW: 3, minH: 4 },
  pie: { w: 4, h: 6, minW: 3, minH: 4 },
  scatter: { w: 6, h: 6, minW: 3, minH: 4 },
  heatmap: { w: 6, h: 6, minW: 3, minH: 4 },
  gauge: { w: 3, h: 5, minW: 2, minH: 4 },
  card: { w: 3, h: 3, minW: 2, minH: 3 },
  table: { w: 6, h: 7, minW: 3, minH: 4 },
  map: { w: 6, h: 7, minW: 4, minH: 5 },
  text: { w: 6, h: 2, minW: 2, minH: 1 },
}
