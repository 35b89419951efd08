// A chart on a page: loads what draws it, fills the room it has, and says what was pointed at.
import './chart.css'
import { Button, useComputedColorScheme } from '@mantine/core'
import { useReducedMotion } from '@mantine/hooks'
import type { ECharts, EChartsCoreOption } from 'echarts/core'
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react'
import { usePaper } from '@/parts/paper'
import { useTexts } from '@/texts'
import type { Option } from './frame'
import { themeOf, type Theme } from './palette'
import type { Picture } from './picture'
import { BRUSH, brushing, picking, switching, switchOff, whenNear, type Picked } from './pointing'

interface ChartProps {
  picture: Omit<Picture, 'theme' | 'isStill'>
  /** What the chart shows, in words. */
  label: string
  onPick?: (picked: Picked) => void
  /** What was dragged over, as places on the axis, both included. */
  onBrush?: (first: number, last: number) => void
  /** The names of the legend that are switched off; where nothing is said of them, they are switched here. */
  off?: readonly string[]
  onOff?: (names: readonly string[]) => void
}

/** A chart. */
export function Chart({ picture, label, onPick, onBrush, ...legend }: ChartProps) {
  const room = useRef<HTMLDivElement>(null)
  const { drawing, isFailed, retry } = useDrawing(room, picture.kind === 'map')
  const theme = useChartTheme()
  const isStill = useReducedMotion()
  const isPaper = usePaper()
  const option = useMemo(
    () => drawing?.engine.optionOf({ ...picture, theme, isStill }) ?? null,
    [drawing, picture, theme, isStill],
  )
  const chart = drawing?.chart ?? null
  const off = useOff(chart, legend)
  const isNear = useRef(false)
  const isDrawn = useDrawn(chart, option, off, isNear)
  const isBrushed = onBrush !== undefined

  useEffect(() => {
    if (chart === null || option === null) return
    return whenNear(chart.getDom(), (isMouse) => {
      if (!isNear.current) chart.setOption(pick(option, (name) => ON_NEAR.has(name)) as EChartsCoreOption)
      isNear.current = true
      // At once, or a button that is pressed in the same moment is let go over other shapes than it was pressed on.
      if (isBrushed && isMouse) chart.dispatchAction(BRUSH, { flush: true })
    })
  }, [chart, option, isBrushed])
  useEffect(
    () => (chart === null || onPick === undefined ? undefined : picking(chart, picture, onPick)),
    [chart, picture, onPick],
  )
  useEffect(() => (chart === null || onBrush === undefined ? undefined : brushing(chart, onBrush)), [chart, onBrush])

  if (isFailed) return <Failed retry={retry} />
  return (
    <>
      <div
        ref={room}
        role="img"
        aria-label={label}
        className="chart"
        data-screen
        data-pending={!isDrawn || undefined}
      />
      {isPaper && drawing !== null && <OnPaper {...{ picture, label, off }} engine={drawing.engine} />}
    </>
  )
}

interface OnPaperProps extends Pick<ChartProps, 'picture' | 'label'> {
  engine: Engine
  off: readonly string[]
}

/** The same chart on paper: as large as its room is there, and in the colours of the day. */
function OnPaper({ engine, picture, label, off }: OnPaperProps) {
  const room = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = room.current
    const least = picture.kind === 'map' ? LEAST_MAP : 1
    if (element === null || Math.min(element.clientWidth, element.clientHeight) < least) return undefined
    const theme = themeOf('light', getComputedStyle(document.documentElement))
    return engine.engrave(element, engine.optionOf({ ...picture, theme, isStill: true }), off)
  }, [engine, picture, off])
  return <div ref={room} role="img" aria-label={label} className="chart" />
}

/** What stands where what draws could not be loaded. */
function Failed({ retry }: { retry: () => void }) {
  const texts = useTexts('parts')
  return (
    <div className="chart chart-failed" role="alert">
      {texts.notLoaded}
      <Button variant="default" size="compact-xs" onClick={retry}>
        {texts.retry}
      </Button>
    </div>
  )
}

/** Give what charts are painted with now. */
export function useChartTheme(): Theme {
  const scheme = useComputedColorScheme('light')
  return useMemo(() => themeOf(scheme, getComputedStyle(document.documentElement)), [scheme])
}

// What answers to a mouse comes when there is one: it is a third of the work of a chart, and lays out the page anew.
const ON_NEAR: ReadonlySet<string> = new Set(['tooltip', 'toolbox', 'dataZoom'])

function pick(option: Option, isWanted: (name: string) => boolean): Option {
  return Object.fromEntries(Object.entries(option).filter(([name]) => isWanted(name)))
}

/** Give the names of the legend that are switched off: they stay so with whatever is drawn next. */
function useOff(chart: ECharts | null, { off, onOff }: Pick<ChartProps, 'off' | 'onOff'>): readonly string[] {
  const [own, setOwn] = useState(NONE)
  const tell = onOff ?? setOwn
  useEffect(() => (chart === null ? undefined : switching(chart, tell)), [chart, tell])
  return off ?? own
}

const NONE: readonly string[] = []

/** Draw what a chart shows, and say whether it was ever drawn. */
function useDrawn(
  chart: ECharts | null,
  option: Option | null,
  off: readonly string[],
  isNear: RefObject<boolean>,
): boolean {
  const [drawn, setDrawn] = useState<ECharts | null>(null)
  useEffect(() => {
    if (chart === null || option === null) return
    const onDrawn = () => {
      chart.off('rendered', onDrawn)
      setDrawn(chart)
    }
    chart.on('rendered', onDrawn)
    const drawn = isNear.current ? option : pick(option, (name) => !ON_NEAR.has(name))
    chart.setOption(drawn as EChartsCoreOption, { notMerge: true })
    return () => {
      if (!chart.isDisposed()) chart.off('rendered', onDrawn)
    }
  }, [chart, option, isNear])
  useEffect(() => {
    if (chart !== null && option !== null) switchOff(chart, off)
  }, [chart, option, off])
  return chart !== null && drawn === chart
}

type Engine = typeof import('./engine')

interface Drawing {
  readonly engine: Engine
  readonly chart: ECharts
}

/** Give what draws in a room, once it has come; or that it did not come, and another try. */
function useDrawing(room: RefObject<HTMLDivElement | null>, isMap: boolean) {
  const [drawing, setDrawing] = useState<Drawing | null>(null)
  const [isFailed, setFailed] = useState(false)
  useEffect(() => {
    const element = room.current
    if (element === null || isFailed) return
    let undo: (() => void) | null = null
    let isGone = false
    engineFor(isMap).then(
      (engine) => {
        if (isGone) return
        undo = followed(engine, element, isMap ? LEAST_MAP : 1, (chart) => {
          setDrawing({ engine, chart })
        })
      },
      () => {
        if (!isGone) setFailed(true)
      },
    )
    return () => {
      isGone = true
      undo?.()
      setDrawing(null)
    }
  }, [room, isMap, isFailed])
  const retry = () => {
    setFailed(false)
  }
  return { drawing, isFailed, retry }
}

async function engineFor(isMap: boolean): Promise<Engine> {
  const engine = await import('./engine')
  if (isMap) await engine.loadWorld()
  return engine
}

const LEAST_MAP = 40 // pixels: below its legend there is a map only from here on

/** Make a chart as soon as there is room, and let it fill that.
 *
 * TRICKY: without room ECharts 6.1 makes a matrix for maps that cannot be turned round, and throws with each frame.
 */
function followed(engine: Engine, element: HTMLElement, least: number, onMade: (chart: ECharts) => void): () => void {
  let chart: ECharts | null = null
  const fill = () => {
    const { clientWidth: width, clientHeight: height } = element
    if (width < least || height < least) return
    if (chart === null) {
      chart = engine.mount(element)
      onMade(chart)
      // An observer tells at once how large the room is, which is known; and each time the whole chart is drawn anew.
    } else if (chart.getWidth() !== width || chart.getHeight() !== height) chart.resize()
  }
  const watcher = new ResizeObserver(fill)
  fill()
  watcher.observe(element)
  return () => {
    watcher.disconnect()
    chart?.dispose()
  }
}
