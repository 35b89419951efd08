// Which builder draws which kind of chart.
import { bars } from './bars'
import type { Option } from './frame'
import { lines, sparkline } from './lines'
import { map } from './map'
import type { ChartKind, Picture } from './picture'
import { gauge, heatmap, pie, scatter } from './shares'

const BUILDERS: Readonly<Record<ChartKind, (picture: Picture) => Option>> = {
  line: lines,
  area: lines,
  bar: bars,
  pie,
  scatter,
  heatmap,
  gauge,
  map,
  sparkline,
}

/** Give what ECharts draws. */
export function optionOf(picture: Picture): Option {
  return BUILDERS[picture.kind](picture)
}
