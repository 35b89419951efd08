// What is done to a chart with a mouse or a finger: a place is clicked, days are dragged over, a name of the legend is
// switched off or on.
import type { ECharts } from 'echarts/core'
import type { Picture } from './picture'

/** A place on the axis, perhaps of one series. */
interface Spot {
  readonly at: number
  readonly series: number | null
}

/** What somebody clicked, and where on the screen. */
export interface Picked extends Spot {
  readonly x: number
  readonly y: number
}

interface Clicked {
  readonly dataIndex?: number
  readonly seriesIndex: number
  readonly event?: Pointed
}

interface Pointed {
  readonly target?: unknown
  readonly offsetX: number
  readonly offsetY: number
}

const AXIAL: ReadonlySet<string> = new Set(['line', 'area', 'bar'])

/** Tell of clicks until it is ended: one on a shape is about it, one beside it about that place of the axis.
 *
 * TRICKY: after a touch the chart tells of a click before the browser does, which then tells of a mouse that is pressed
 * elsewhere than in whatever was opened: only the browser's own click ends it.
 */
export function picking(
  chart: ECharts,
  picture: Pick<Picture, 'plot' | 'kind'>,
  onPick: (picked: Picked) => void,
): () => void {
  const room = chart.getDom()
  let spot: Spot | null = null
  const onShape = ({ dataIndex, seriesIndex, event }: Clicked) => {
    // A line, or what is under it, is of all its places.
    const at = dataIndex ?? (event === undefined ? null : placeAt(chart, picture, event))
    spot = at === null ? null : { at, series: seriesIndex }
  }
  const onGround = (event: Pointed) => {
    if (event.target !== undefined && event.target !== null) return
    const at = placeAt(chart, picture, event)
    spot = at === null ? null : { at, series: null }
  }
  const onClick = ({ clientX: x, clientY: y }: MouseEvent) => {
    if (spot !== null) onPick({ ...spot, x, y })
    spot = null
  }
  chart.on('click', onShape as (event: unknown) => void)
  chart.getZr().on('click', onGround)
  room.addEventListener('click', onClick)
  return () => {
    room.removeEventListener('click', onClick)
    if (chart.isDisposed()) return
    chart.off('click', onShape)
    chart.getZr().off('click', onGround)
  }
}

/** Give the place of the axis that a point is over, in charts that have one. */
function placeAt(chart: ECharts, { plot, kind }: Pick<Picture, 'plot' | 'kind'>, { offsetX, offsetY }: Pointed) {
  const point: [number, number] = [offsetX, offsetY]
  if (!AXIAL.has(kind) || !chart.containPixel('grid', point)) return null
  const found = chart.convertFromPixel({ gridIndex: 0 }, point)
  const at = found[kind === 'bar' && plot.axis.kind === 'dimension' ? 1 : 0]
  return at !== undefined && at >= 0 && at < plot.axis.values.length ? at : null
}

/** What lets somebody drag over days. */
export const BRUSH = { type: 'takeGlobalCursor', key: 'dataZoomSelect', dataZoomSelectActive: true }

/** Do something as soon as somebody may point at an element, told whether with a mouse: most charts are only looked at.
 *
 * A finger may come first: it drags nothing, and scrolls the page over which it moves.
 */
export function whenNear(element: HTMLElement, act: (isMouse: boolean) => void): (() => void) | undefined {
  if (element.matches(':hover') && globalThis.matchMedia('(hover: hover)').matches) {
    act(true)
    return undefined
  }
  const onEnter = ({ pointerType }: PointerEvent) => {
    const isMouse = pointerType !== 'touch'
    if (isMouse) element.removeEventListener('pointerenter', onEnter)
    act(isMouse)
  }
  element.addEventListener('pointerenter', onEnter)
  return () => {
    element.removeEventListener('pointerenter', onEnter)
  }
}

/** Tell of what was dragged over, as places on the axis, until it is ended. */
export function brushing(chart: ECharts, onBrush: (first: number, last: number) => void): () => void {
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

/** Tell which names of the legend are switched off whenever one is switched, until it is ended. */
export function switching(chart: ECharts, onOff: (names: readonly string[]) => void): () => void {
  const done = (event: unknown) => {
    const { selected } = event as { selected: Record<string, boolean> }
    onOff(Object.keys(selected).filter((name) => selected[name] === false))
  }
  chart.on('legendselectchanged', done)
  return () => {
    if (!chart.isDisposed()) chart.off('legendselectchanged', done)
  }
}

/** Switch the names of a legend that stand otherwise than they should. */
export function switchOff(chart: ECharts, off: readonly string[]): void {
  const { legend } = chart.getOption() as { legend?: { data?: string[]; selected?: Record<string, boolean> }[] }
  const { data = [], selected = {} } = legend?.[0] ?? {}
  for (const name of data) {
    const isOff = off.includes(name)
    if (isOff === (selected[name] !== false))
      chart.dispatchAction({ type: isOff ? 'legendUnSelect' : 'legendSelect', name })
  }
}
