// A chart on a page: loads what draws it, fills the room it has, and says what was pointed at.
import { useEffect, useMemo, useRef, useState } from 'react'
import { useComputedColorScheme } from '@mantine/core'
import { useReducedMotion } from '@mantine/hooks'
import './chart.css'
import type { ECharts, EChartsCoreOption } from 'echarts/core'
import { optionOf } from './option'
import { themeOf, type Theme } from './palette'
import type { Picture } from './picture'

/** What somebody clicked: a place on the axis, perhaps of one series, and where on the screen. */
export interface Picked {
  readonly at: number
  readonly series: number | null
  readonly x: number
  readonly y: number
}

interface ChartProps {
  picture: Omit<Picture, 'theme' | 'isStill'>
  /** What the chart shows, in words. */
  label: string
  onPick?: (picked: Picked) => void
  /** What was dragged over, as places on the axis, both included. */
  onBrush?: (first: number, last: number) => void
}

/** A chart. */
export function Chart({ picture, label, onPick, onBrush }: ChartProps) {
  const room = useRef<HTMLDivElement>(null)
  const chart = useMounted(room, picture.kind === 'map')
  const theme = useChartTheme()
  const isStill = useReducedMotion()
  const option = useMemo(() => optionOf({ ...picture, theme, isStill }), [picture, theme, isStill])
  const isBrushed = onBrush !== undefined

  useEffect(() => {
    if (chart === null) return
    chart.setOption(option as EChartsCoreOption, { notMerge: true })
    if (isBrushed) chart.dispatchAction({ type: 'takeGlobalCursor', key: 'dataZoomSelect', dataZoomSelectActive: true })
  }, [chart, option, isBrushed])
  useEffect(
    () => (chart === null || onPick === undefined ? undefined : picking(chart, picture, onPick)),
    [chart, picture, onPick],
  )
  useEffect(() => (chart === null || onBrush === undefined ? undefined : brushing(chart, onBrush)), [chart, onBrush])

  return <div ref={room} role="img" aria-label={label} className="chart" data-pending={chart === null || undefined} />
}

/** Give what charts are painted with now. */
export function useChartTheme(): Theme {
  const scheme = useComputedColorScheme('light')
  return useMemo(() => themeOf(scheme, getComputedStyle(document.documentElement)), [scheme])
}

function useMounted(room: React.RefObject<HTMLDivElement | null>, isMap: boolean): ECharts | null {
  const [chart, setChart] = useState<ECharts | null>(null)
  useEffect(() => {
    const element = room.current
    if (element === null) return
    let made: ECharts | null = null
    const gone = new AbortController()
    const watcher = new ResizeObserver(() => made?.resize())
    void (async () => {
      const engine = await import('./engine')
      if (isMap) await engine.loadWorld()
      if (gone.signal.aborted) return
      made = engine.mount(element)
      watcher.observe(element)
      setChart(made)
    })()
    return () => {
      gone.abort()
      watcher.disconnect()
      made?.dispose()
      setChart(null)
    }
  }, [room, isMap])
  return chart
}

interface Clicked {
  readonly dataIndex: number
  readonly seriesIndex: number
  readonly event?: { readonly event: MouseEvent }
}

/** A click on a shape is about it; one beside it, in a chart over an axis, is about that place of the axis. */
function picking(chart: ECharts, { plot, kind }: ChartProps['picture'], onPick: (picked: Picked) => void): () => void {
  const onShape = ({ dataIndex, seriesIndex, event }: Clicked) => {
    if (event === undefined) return
    const { clientX: x, clientY: y } = event.event
    onPick({ at: dataIndex, series: seriesIndex, x, y })
  }
  const onGround = (event: { target?: unknown; offsetX: number; offsetY: number; event: unknown }) => {
    const point: [number, number] = [event.offsetX, event.offsetY]
    if (event.target !== undefined && event.target !== null) return
    if (!AXIAL.has(kind) || !chart.containPixel('grid', point)) return
    const found = chart.convertFromPixel({ gridIndex: 0 }, point)
    const at = found[kind === 'bar' && plot.axis.kind === 'dimension' ? 1 : 0]
    const mouse = event.event as MouseEvent
    if (at !== undefined && at >= 0 && at < plot.axis.values.length)
      onPick({ at, series: null, x: mouse.clientX, y: mouse.clientY })
  }
  chart.on('click', onShape as (event: unknown) => void)
  chart.getZr().on('click', onGround)
  return () => {
    if (chart.isDisposed()) return
    chart.off('click', onShape)
    chart.getZr().off('click', onGround)
  }
}

const AXIAL: ReadonlySet<string> = new Set(['line', 'area', 'bar'])

function brushing(chart: ECharts, onBrush: (first: number, last: number) => void): () => void {
  const done = (event: unknown) => {
    const { batch } = event as { batch?: { startValue?: number; endValue?: number }[] }
    const { startValue, endValue } = batch?.[0] ?? {}
    if (startValue !== undefined && endValue !== undefined) onBrush(startValue, endValue)
  }
  chart.on('datazoom', done)
  return () => {
    if (!chart.isDisposed()) chart.off('datazoom', done)
  }
}
