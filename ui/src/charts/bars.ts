// Bars: upright over periods, lying over names, beside each other or on top of each other.
import { groupKind } from '@/answer/series'
import { base, figureAxis, grid, legend, nameAxis, names, tip, type Option } from './frame'
import { drawnValues, seriesColors, seriesName, type Picture } from './picture'

/** Give a chart of bars. */
export function bars(picture: Picture): Option {
  const { plot } = picture
  const lies = plot.axis.kind === 'dimension'
  const found = names(picture)
  const nameSide = { ...nameAxis(picture, true), ...(lies ? { inverse: true } : {}) }
  const figureSide = figureAxis(picture, plot.series[0]?.unit ?? '')
  return {
    ...base(picture),
    legend: legend(picture, found),
    grid: grid(found.length > 1 && !picture.small),
    tooltip: { ...tip(picture, 'axis'), axisPointer: { type: 'shadow' } },
    xAxis: lies ? figureSide : nameSide,
    yAxis: lies ? nameSide : figureSide,
    ...(lies ? {} : BRUSHED),
    series: bodies(picture),
  }
}

const BRUSHED: Option = {
  toolbox: { show: true, itemSize: 0, feature: { dataZoom: { yAxisIndex: 'none' } } },
  dataZoom: [{ type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: false, moveOnMouseWheel: false }],
}

function bodies(picture: Picture): Option[] {
  const colors = seriesColors(picture)
  const { plot, theme, stacked, normal } = picture
  const isAlone = plot.series.length === 1
  return plot.series.map((series, place) => ({
    type: 'bar',
    name: seriesName(picture, series),
    data: drawnValues(picture, series).map((own, i) => {
      // A bar of its own for the rest and for what is hidden: grey, as in every chart.
      const kind = plot.axis.kind === 'dimension' && isAlone ? groupKind([plot.axis.values[i] ?? null]) : 'one'
      return kind === 'other' || kind === 'hidden' ? { value: own, itemStyle: { color: theme.other } } : own
    }),
    barMaxWidth: 34,
    barMinHeight: 1,
    itemStyle: {
      color: colors[place],
      borderRadius: stacked || normal ? 0 : 2,
      opacity: series.of === 'comparison' ? 0.4 : 1,
    },
    emphasis: { focus: 'none' },
    ...(stacked || normal ? { stack: series.of } : {}),
  }))
}
