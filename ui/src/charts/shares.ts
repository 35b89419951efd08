// Parts of a whole, figures of pairs, and how far to a target.
import { value } from '@/answer/numbers'
import { groupKind, type Series } from '@/answer/series'
import { base, figureAxis, grid, legend, nameAxis, tipLook, type Option } from './frame'
import { axisName, seriesColors, seriesName, type Picture } from './picture'
import { toldAt, tooltip } from './tooltip'

// Beside a small ring there is less room for names: cut by the edge, they would look whole.
const NARROW = [
  { option: { legend: { textStyle: { width: 180 } } } },
  { query: { maxWidth: 320 }, option: { legend: { textStyle: { width: 60 } } } },
]

/** Give a ring of the parts of the first metric; what is missing or below zero has no part. */
export function pie(picture: Picture): Option {
  const parts = partsOf(picture)
  return {
    ...base(picture),
    legend: {
      ...legend(
        picture,
        parts.map(({ name }) => name),
      ),
      orient: 'vertical',
      top: 'middle',
      left: '60%',
      right: 0,
    },
    media: NARROW,
    tooltip: {
      trigger: 'item',
      ...tipLook(picture),
      formatter: ({ dataIndex, percent }: { dataIndex: number; percent: number }) => {
        const part = parts[dataIndex]
        if (part === undefined) return ''
        const { title, rows } = toldAt(picture, part.at, part.series)
        return tooltip({
          title,
          rows: rows.map((row) => ({
            ...row,
            color: part.itemStyle.color,
            figure: `${row.figure} (${picture.words.share(percent / 100)})`,
          })),
        })
      },
    },
    series: [
      {
        type: 'pie',
        radius: ['46%', '74%'],
        center: parts.length < 2 || picture.small ? ['50%', '50%'] : ['30%', '50%'],
        data: parts,
        label: { show: false },
        itemStyle: { borderColor: picture.theme.ground, borderWidth: 2, borderRadius: 3 },
        emphasis: { scaleSize: 3 },
      },
    ],
  }
}

interface Part {
  readonly name: string
  readonly value: number
  readonly at: number
  readonly series: number
  readonly itemStyle: { readonly color: string }
}

function partsOf(picture: Picture): Part[] {
  const { plot, theme } = picture
  const shown = plot.series.map((series, place) => ({ series, place })).filter(({ series }) => series.of === 'metric')
  const perName = plot.axis.kind === 'dimension' ? shown.slice(0, 1) : shown
  const colors = seriesColors(picture)
  const parts = perName.flatMap(({ series, place }) =>
    series.cells.flatMap((cell, at) => {
      const own = value(cell)
      const name = plot.axis.kind === 'dimension' ? axisName(picture, at, false) : seriesName(picture, series)
      return own === null || own <= 0 ? [] : [{ name, value: own, at, series: place }]
    }),
  )
  return parts.map((part, i) => ({
    ...part,
    itemStyle: {
      color: plot.axis.kind === 'dimension' ? partColor(picture, part.at, i) : (colors[part.series] ?? theme.other),
    },
  }))
}

function partColor({ plot, theme }: Picture, at: number, place: number): string {
  const kind = groupKind([plot.axis.values[at] ?? null])
  return kind === 'other' || kind === 'hidden'
    ? theme.other
    : (theme.series[place % theme.series.length] ?? theme.other)
}

/** Give a point for each name: the first metric to the right, the second upwards. */
export function scatter(picture: Picture): Option {
  const { plot, theme, words } = picture
  const [across, up] = plot.series.filter((series) => series.of === 'metric')
  if (across === undefined) return base(picture)
  const points = plot.axis.values.flatMap((_, at) => {
    const x = up === undefined ? at : value(across.cells[at])
    const y = value((up ?? across).cells[at])
    return x === null || y === null ? [] : [{ value: [x, y], at }]
  })
  const title = (series: Series): Option => ({
    name: words.metric(series.metric),
    nameLocation: 'middle',
    nameTextStyle: { color: theme.dimmed },
  })
  return {
    ...base(picture),
    grid: { ...grid(false), left: 22, bottom: 22 },
    tooltip: {
      trigger: 'item',
      ...tipLook(picture),
      formatter: ({ dataIndex }: { dataIndex: number }) => tooltip(toldAt(picture, points[dataIndex]?.at ?? -1)),
    },
    xAxis:
      up === undefined
        ? nameAxis(picture, true)
        : { ...figureAxis(picture, across.unit), ...title(across), nameGap: 28, scale: true },
    yAxis: { ...figureAxis(picture, (up ?? across).unit), ...title(up ?? across), nameGap: 48, scale: true },
    series: [{ type: 'scatter', data: points, symbolSize: 10, itemStyle: { color: theme.series[0], opacity: 0.75 } }],
  }
}

/** Give a table of colours: names or periods across, groups or metrics upwards. */
export function heatmap(picture: Picture): Option {
  const { plot, theme } = picture
  const rows = plot.series.filter((series) => series.of === 'metric')
  const cells = rows.flatMap((series, y) =>
    series.cells.flatMap((cell, x) =>
      cell === null ? [] : [{ value: [x, y, depth(value(cell))], series: plot.series.indexOf(series) }],
    ),
  )
  const figures = rows.flatMap((series) => series.cells.flatMap((cell) => value(cell) ?? []))
  return {
    ...base(picture),
    grid: { ...grid(false), bottom: 30 },
    tooltip: {
      trigger: 'item',
      ...tipLook(picture),
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const cell = cells[dataIndex]
        return cell === undefined ? '' : tooltip(toldAt(picture, cell.value[0] ?? -1, cell.series))
      },
    },
    xAxis: { ...nameAxis(picture, true), splitArea: { show: false } },
    yAxis: {
      type: 'category',
      data: rows.map((_, i) => String(i)),
      inverse: true,
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: {
        color: theme.dimmed,
        width: 110,
        overflow: 'truncate',
        formatter: (i: string) => {
          const row = rows[Number(i)]
          return row === undefined ? '' : seriesName(picture, row)
        },
      },
    },
    visualMap: ramp(picture, figures, rows[0]?.unit ?? ''),
    series: [
      { type: 'heatmap', data: cells, itemStyle: { borderColor: theme.ground, borderWidth: 1.5, borderRadius: 2 } },
    ],
  }
}

/** Give how deep a figure is coloured: by its square root, so that one giant does not leave all others pale. */
export function depth(figure: number | null): number | null {
  return figure === null ? null : Math.sign(figure) * Math.sqrt(Math.abs(figure))
}

/** Give the scale from the least figure to the most. */
export function ramp({ theme, words }: Picture, figures: readonly number[], unit: string): Option {
  const [least, most] = [Math.min(0, ...figures), Math.max(0, ...figures)]
  return {
    min: depth(least),
    max: most === least ? 1 : depth(most),
    orient: 'horizontal',
    left: 'center',
    bottom: 0,
    itemWidth: 8,
    itemHeight: 110,
    calculable: false,
    hoverLink: false,
    inRange: { color: [...theme.ramp] },
    text: [words.short(most, unit), words.short(least, unit)],
    textStyle: { color: theme.dimmed, fontSize: 11 },
  }
}

/** Give how far a figure is to its target; without one the bar is full. */
export function gauge(picture: Picture): Option {
  const { theme, words, total, target } = picture
  const unit = picture.plot.series[0]?.unit ?? ''
  const [now, aim] = [value(total) ?? 0, value(target)]
  const most = farthest(now, aim)
  const isReached = aim === null || (picture.isLessBetter === true ? now <= aim : now >= aim)
  const ring: [number, string][] =
    aim === null
      ? [[1, theme.line]]
      : [
          [Math.min(1, aim / most), theme.line],
          [1, theme.dimmed],
        ]
  return {
    ...base(picture),
    series: [
      {
        ...DIAL,
        min: Math.min(0, now),
        max: most,
        progress: {
          show: total !== null && total !== undefined,
          width: 14,
          roundCap: true,
          itemStyle: { color: isReached ? theme.good : theme.series[1] },
        },
        axisLine: { lineStyle: { width: 14, color: ring } },
        title: { show: aim !== null, offsetCenter: [0, '34%'], color: theme.dimmed, fontSize: 12 },
        detail: {
          offsetCenter: [0, '-4%'],
          color: theme.text,
          fontSize: 20,
          fontWeight: 620,
          formatter: () => written(picture),
        },
        data: [{ value: now, name: aim === null ? '' : `${words.target} ${words.short(aim, unit)}` }],
      },
    ],
  }
}

const DIAL: Option = {
  type: 'gauge',
  startAngle: 200,
  endAngle: -20,
  center: ['50%', '64%'],
  radius: '100%',
  pointer: { show: false },
  axisTick: { show: false },
  splitLine: { show: false },
  axisLabel: { show: false },
}

/** The end of a dial: the target, or a little beyond what is past it. */
function farthest(now: number, aim: number | null): number {
  const most = Math.max(now, aim ?? 0, 0)
  return (aim !== null && now <= aim ? most : most * 1.1) || 1
}

/** What fits into a dial; the whole figure is in the table. */
const LONGEST = 9

function written({ plot, words, total }: Picture): string {
  const series = plot.series.find((one) => one.of === 'metric')
  if (series === undefined || total === null || total === undefined) return words.missing
  const whole = words.figure(total, series, -1)
  return whole.length > LONGEST ? words.short(Number(total), series.unit) : whole
}
