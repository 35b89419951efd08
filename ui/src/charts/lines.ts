// Lines and areas: figures over periods, with a gap wherever nothing is known.
import { base, figureAxis, grid, legend, nameAxis, names, tip, type Option } from './frame'
import { drawnValues, lonely, seriesColors, seriesName, type Picture } from './picture'

const FEW = 45

/** Give a chart of lines, or of areas. */
export function lines(picture: Picture): Option {
  const colors = seriesColors(picture)
  const found = names(picture)
  const unit = picture.plot.series[0]?.unit ?? ''
  return {
    ...base(picture),
    legend: legend(picture, found),
    grid: grid(found.length > 1 && !picture.small),
    tooltip: tip(picture, 'axis'),
    xAxis: nameAxis(picture, false),
    yAxis: { ...figureAxis(picture, unit), scale: false },
    toolbox: { show: true, itemSize: 0, feature: { dataZoom: { yAxisIndex: 'none' } } },
    dataZoom: [{ type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: false, moveOnMouseWheel: false }],
    series: picture.plot.series.map((_, place) => line(picture, place, colors[place] ?? '')),
  }
}

function line(picture: Picture, place: number, color: string): Option {
  const series = picture.plot.series[place]
  if (series === undefined) return {}
  const values = drawnValues(picture, series)
  const isBefore = series.of === 'comparison'
  const stack = picture.stacked || picture.normal ? { stack: series.of } : {}
  return {
    type: 'line',
    name: seriesName(picture, series),
    ...dots(values, isBefore),
    connectNulls: false,
    triggerLineEvent: true,
    itemStyle: { color },
    lineStyle: isBefore ? { color, width: 1.5, type: 'dashed', opacity: 0.7 } : { color, width: 2 },
    z: isBefore ? 1 : 2,
    emphasis: { focus: 'none', lineStyle: { width: isBefore ? 1.5 : 2 } },
    ...(picture.kind === 'area' && !isBefore ? { areaStyle: { color, opacity: 'stack' in stack ? 0.55 : 0.14 } } : {}),
    ...stack,
  }
}

/** Give values with a dot at each, or only where a line would not show one: a dot is a shape, and a year of days many. */
function dots(values: readonly (number | null)[], isBefore: boolean): Option {
  const look = { showSymbol: true, symbolSize: 5 }
  if (values.length <= FEW && !isBefore) return { ...look, symbol: 'circle', data: [...values] }
  const alone = lonely(values)
  const data = values.map((value, at) => (alone.has(at) ? { value, symbol: 'circle' } : value))
  return { ...look, symbol: 'none', data }
}

/** Give a line without axes, for a card. */
export function sparkline(picture: Picture): Option {
  const drawn = lines({ ...picture, kind: 'area', small: true })
  return {
    ...drawn,
    grid: { left: 2, right: 2, top: 4, bottom: 2 },
    xAxis: { ...(drawn['xAxis'] as Option), show: false },
    yAxis: { type: 'value', show: false, scale: true },
    toolbox: { show: false },
    dataZoom: [],
    series: (drawn['series'] as Option[]).map((one) => ({ ...one, symbol: 'none', symbolSize: 0 })),
  }
}
