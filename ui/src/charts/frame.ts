// What charts with two axes share: grid, axes, legend and tooltip.
import { axisName, seriesName, type Picture } from './picture'
import { toldAt, tooltip } from './tooltip'

/** A part of what ECharts takes; its own types tell each kind of series apart, ours come from one place. */
export type Option = Record<string, unknown>

interface Pointed {
  readonly dataIndex: number
  readonly seriesIndex: number
}

/** Give what every chart has: its font, its colours, whether it moves. */
export function base({ theme, isStill }: Picture): Option {
  return {
    animation: !isStill,
    animationDuration: 250,
    animationDurationUpdate: 250,
    textStyle: { fontFamily: theme.font, color: theme.text, fontSize: 12 },
    backgroundColor: 'transparent',
  }
}

/** Give a legend that scrolls, where there is more than one name. */
export function legend(picture: Picture, names: readonly string[]): Option {
  const { theme } = picture
  if (names.length < 2 || picture.small) return { show: false }
  return {
    type: 'scroll',
    data: [...names],
    top: 0,
    left: 0,
    icon: 'roundRect',
    itemWidth: 10,
    itemHeight: 10,
    itemGap: 14,
    textStyle: { color: theme.text, width: 180, overflow: 'truncate' },
    pageIconColor: theme.text,
    pageIconInactiveColor: theme.line,
    pageTextStyle: { color: theme.dimmed },
    inactiveColor: theme.line,
  }
}

/** Give the room that the axes have. */
export function grid(hasLegend: boolean): Option {
  return {
    left: 4,
    right: 14,
    top: hasLegend ? 34 : 10,
    bottom: 4,
    outerBoundsMode: 'same',
    outerBoundsContain: 'axisLabel',
  }
}

/** Give the axis of names or periods. */
export function nameAxis(picture: Picture, isPadded: boolean): Option {
  const { theme, plot } = picture
  return {
    type: 'category',
    data: plot.axis.values.map((_, i) => String(i)),
    boundaryGap: isPadded,
    axisLine: { lineStyle: { color: theme.line } },
    axisTick: { show: false },
    axisLabel: {
      color: theme.dimmed,
      hideOverlap: true,
      formatter: (index: string) => axisName(picture, Number(index), true),
      ...(plot.axis.kind === 'dimension' ? { width: 130, overflow: 'truncate' } : {}),
    },
  }
}

/** Give the axis of figures; from zero where lengths are compared. */
export function figureAxis(picture: Picture, unit: string): Option {
  const { theme, words, normal } = picture
  return {
    type: 'value',
    splitNumber: 4,
    ...(normal ? { max: 1 } : {}),
    axisLabel: {
      color: theme.dimmed,
      hideOverlap: true,
      formatter: (at: number) => (normal ? words.share(at) : words.short(at, unit)),
    },
    splitLine: { lineStyle: { color: theme.line } },
  }
}

/** Give the tooltip of everything at one place of the axis, or of one series there. */
export function tip(picture: Picture, trigger: 'axis' | 'item'): Option {
  return {
    trigger,
    ...tipLook(picture),
    axisPointer: {
      type: trigger === 'axis' ? 'line' : 'none',
      lineStyle: { color: picture.theme.dimmed, type: 'dashed' },
    },
    formatter: (pointed: Pointed | readonly Pointed[]) => {
      const one = isMany(pointed) ? pointed[0] : pointed
      if (one === undefined) return ''
      return tooltip(toldAt(picture, one.dataIndex, isMany(pointed) ? undefined : one.seriesIndex))
    },
  }
}

/** Give how a tooltip looks; the page's own styles do the rest. */
export function tipLook({ theme, small }: Picture): Option {
  return {
    confine: !small,
    appendTo: 'body',
    className: 'chart-tip-ground',
    backgroundColor: theme.ground,
    borderColor: theme.line,
    textStyle: { color: theme.text, fontSize: 12, fontFamily: theme.font },
    padding: [8, 10],
  }
}

/** Give the names of all series, each once. */
export function names(picture: Picture): string[] {
  return [...new Set(picture.plot.series.map((series) => seriesName(picture, series)))]
}

function isMany<T>(one: T | readonly T[]): one is readonly T[] {
  return Array.isArray(one)
}
