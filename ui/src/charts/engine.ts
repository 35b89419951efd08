// ECharts with only what is drawn here, and the world for its maps.  Loaded when the first chart is.
import type { FeatureCollection } from 'geojson'
import { BarChart, GaugeChart, HeatmapChart, LineChart, PieChart, ScatterChart } from 'echarts/charts'
import {
  DataZoomInsideComponent,
  GridComponent,
  LegendScrollComponent,
  ToolboxComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from 'echarts/components'
import { getMap, init, registerMap, use as include, type ECharts, type EChartsCoreOption } from 'echarts/core'
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers'
import type { Option } from './frame'
import { WORLD } from './map'
import { unwrapped } from './world'

export { optionOf } from './option'

include([
  BarChart,
  GaugeChart,
  HeatmapChart,
  LineChart,
  PieChart,
  ScatterChart,
  DataZoomInsideComponent,
  GridComponent,
  LegendScrollComponent,
  ToolboxComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
  CanvasRenderer,
  SVGRenderer,
])

/** Give a chart on an element. */
export function mount(element: HTMLElement): ECharts {
  return init(element, null, { renderer: 'canvas' })
}

/** Draw, in place of what was drawn. */
export function draw(chart: ECharts, option: Option): void {
  chart.setOption(option as EChartsCoreOption, { notMerge: true })
}

/** Draw on an element as lines, which are sharp on paper and fill whatever room it has there; gives what ends it. */
export function engrave(element: HTMLElement, option: Option, off: readonly string[]): () => void {
  const { clientWidth: width, clientHeight: height } = element
  const chart = init(element, null, { renderer: 'svg', width, height })
  const selected = Object.fromEntries(off.map((name) => [name, false]))
  const legend = option['legend'] as Option | undefined
  // A legend that is not asked for would put a dot on each country of a map.
  const named = legend === undefined ? {} : { legend: { ...legend, selected } }
  draw(chart, { ...option, ...named, animation: false, tooltip: { show: false }, toolbox: { show: false } })
  element.querySelector('svg')?.setAttribute('viewBox', `0 0 ${width} ${height}`)
  return () => {
    chart.dispose()
  }
}

/** Make maps, and that of the world, known, once. */
export async function loadWorld(): Promise<void> {
  if (getMap(WORLD)) return
  const [{ MapChart }, { default: topology }, { feature }] = await Promise.all([
    import('./mapchart'),
    import('world-atlas/countries-110m.json'),
    import('topojson-client'),
  ])
  include([MapChart])
  const world = topology as unknown as Parameters<typeof feature>[0]
  const countries = world.objects['countries']
  if (countries === undefined) throw new Error('The map has no countries')
  registerMap(WORLD, unwrapped(feature(world, countries) as FeatureCollection) as Parameters<typeof registerMap>[1])
}

export interface Sheet {
  readonly option: Option
  readonly width: number
  readonly height: number
  readonly ground: string
}

/** Give a chart as a picture file: points, twice as many as on screen, or lines. */
export function pictureFile({ option, width, height, ground }: Sheet, format: 'png' | 'svg'): Blob {
  const room = document.createElement('div')
  const chart = init(room, null, { renderer: format === 'svg' ? 'svg' : 'canvas', width, height })
  try {
    draw(chart, { ...option, animation: false, toolbox: { show: false }, backgroundColor: ground })
    if (format === 'svg') return new Blob([chart.renderToSVGString()], { type: 'image/svg+xml' })
    return blobOf(chart.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: ground }))
  } finally {
    chart.dispose()
  }
}

function blobOf(address: string): Blob {
  const [head = '', body = ''] = address.split(',')
  const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0))
  return new Blob([bytes], { type: /data:([^;]+)/.exec(head)?.[1] ?? 'image/png' })
}
