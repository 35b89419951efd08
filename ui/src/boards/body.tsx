// What a widget shows of an answer, by its kind.
import { Text } from '@mantine/core'
import { useMemo } from 'react'
import { OTHER, type Answer, type Cell } from '@/answer/answer'
import { plotOf, totalOf, withoutEmptyStart, type Plot, type Series } from '@/answer/series'
import { Chart } from '@/charts/chart'
import { countries } from '@/charts/countries'
import type { ChartKind, Picture, Words } from '@/charts/picture'
import type { Picked } from '@/charts/pointing'
import { useMetrics } from '@/questions/ask'
import { useFormats, useTexts } from '@/texts'
import classes from './boards.module.css'
import type { Choice } from './choice'
import type { Kind, Options } from './document'
import { Figure } from './figure'
import { AnswerTable } from './table'

export interface BodyProps {
  kind: Exclude<Kind, 'text'>
  title: string
  answer: Answer
  words: Words
  options: Options
  onChoose?: ((choice: Choice) => void) | undefined
  /** The names of the legend that are switched off. */
  off?: readonly string[] | undefined
  onOff?: ((names: readonly string[]) => void) | undefined
  /** Periods were dragged over, by their first days. */
  onBrush?: ((first: string, last: string) => void) | undefined
}

/** The figure, table or chart of an answer. */
export function Body(props: BodyProps) {
  const { kind, title, answer, words, onChoose } = props
  if (kind === 'card') return <Figure answer={answer} words={words} title={title} />
  if (kind === 'table') {
    const choose = (column: string, cell: Cell, { x, y }: { x: number; y: number }) => {
      const isTime = column === 'time'
      onChoose?.({ period: isTime ? cell : null, values: isTime ? {} : { [column]: cell }, x, y })
    }
    return <AnswerTable answer={answer} words={words} title={title} {...(onChoose && { onPick: choose })} />
  }
  return <Drawn {...props} kind={kind} />
}

const NONE: ReadonlyMap<string, { direction: string }> = new Map()

/** Give what a chart of an answer is drawn from. */
export function pictureOf(
  kind: ChartKind,
  answer: Answer,
  words: Words,
  options: Options,
  metrics: ReadonlyMap<string, { direction: string }> = NONE,
): Omit<Picture, 'theme' | 'isStill'> {
  const shown = withoutEmptyStart(answer)
  const first = shown.columns.find((column) => column.kind === 'metric')
  return {
    kind,
    plot: plotOf(shown),
    words,
    stacked: options.stacked,
    normal: options.normal,
    target: options.target,
    isLessBetter: metrics.get(first?.name ?? '')?.direction === 'down',
    total: first === undefined ? null : totalOf(shown, first.name),
  }
}

function Drawn({
  kind,
  title,
  answer,
  words,
  options,
  onChoose,
  onBrush,
  off,
  onOff,
}: BodyProps & { kind: ChartKind }) {
  const texts = useTexts('answers')
  const metrics = useMetrics()
  const { picture, left } = useMemo(
    () => drawable(pictureOf(kind, answer, words, options, metrics)),
    [kind, answer, words, options, metrics],
  )
  const { plot } = picture
  const choose = useMemo(
    () =>
      onChoose &&
      ((picked: Picked) => {
        const found = chosen(picture, picked)
        if (found !== null) onChoose({ ...found, x: picked.x, y: picked.y })
      }),
    [onChoose, picture],
  )
  const brush = useMemo(
    () =>
      onBrush && plot.axis.kind === 'time' && plot.axis.values.length > 1
        ? (first: number, last: number) => {
            onBrush(plot.axis.values[first] ?? '', plot.axis.values[last] ?? '')
          }
        : undefined,
    [onBrush, plot],
  )
  const summary = texts.chartSummary(plot.axis.values.length, plot.series.length)
  return (
    <div className={classes['drawn']}>
      <div className={classes['chart']}>
        <Chart
          picture={picture}
          label={texts.chartOf(title, texts.kinds[kind], summary)}
          {...(choose && { onPick: choose })}
          {...(brush && { onBrush: brush })}
          {...(onOff && { off: off ?? NOTHING_OFF, onOff })}
        />
      </div>
      {kind === 'map' && <Elsewhere picture={picture} />}
      {left !== null && <NotDrawn picture={picture} series={left} />}
    </div>
  )
}

const NOTHING_OFF: readonly string[] = []

/** Give the period and the values of dimensions that a place in a chart stands for; nothing for a place without any. */
function chosen(
  { plot, kind }: Pick<Picture, 'plot' | 'kind'>,
  { at, series }: Picked,
): Pick<Choice, 'period' | 'values'> | null {
  const place = placeOf({ plot, kind }, at, series)
  if (!(place.at in plot.axis.values)) return null
  const own = place.series === null ? undefined : plot.series[place.series]
  const split = Object.fromEntries(plot.split.map((name, i) => [name, own?.group[i] ?? null]))
  const axis = plot.axis.values[place.at] ?? null
  const values = {
    ...(own === undefined ? {} : split),
    ...(plot.axis.kind === 'dimension' ? { [plot.axis.name]: axis } : {}),
  }
  return { period: plot.axis.kind === 'time' ? axis : null, values }
}

/** Charts that leave out what is missing count what is left: give the place on the axis that is meant. */
function placeOf({ plot, kind }: Pick<Picture, 'plot' | 'kind'>, at: number, series: number | null): Spot {
  const drawn = DRAWN[kind]
  return drawn === undefined ? { at, series } : (drawn(plot)[at] ?? { at: -1, series: null })
}

interface Spot {
  readonly at: number
  readonly series: number | null
}

const DRAWN: Partial<Record<ChartKind, (plot: Plot) => Spot[]>> = {
  pie: (plot) => {
    const cells = metricsOf(plot)[0]?.cells ?? []
    return cells.flatMap((cell, at) => (cell !== null && Number(cell) > 0 ? [{ at, series: null }] : []))
  },
  heatmap: (plot) =>
    plot.series.flatMap((one, series) =>
      one.of === 'metric' ? one.cells.flatMap((cell, at) => (cell === null ? [] : [{ at, series }])) : [],
    ),
  scatter: (plot) => {
    const [across, up = across] = metricsOf(plot)
    const has = (one: Series | undefined, at: number) => (one?.cells[at] ?? null) !== null
    return plot.axis.values.flatMap((_, at) => (has(across, at) && has(up, at) ? [{ at, series: null }] : []))
  },
  map: (plot) => countries({ plot, words: { locale: 'en' } }).shown.map(({ at }) => ({ at, series: null })),
}

function metricsOf(plot: Plot): Series[] {
  return plot.series.filter((one) => one.of === 'metric')
}

/** Give bars without the rest, if that is so long that all others would be nothing beside it; and what was left out. */
function drawable(picture: Omit<Picture, 'theme' | 'isStill'>) {
  const { kind, plot } = picture
  const at = plot.axis.values.indexOf(OTHER)
  const lengths = plot.series[0]?.cells.map((cell) => Math.abs(Number(cell ?? 0))) ?? []
  const longest = Math.max(0, ...lengths.filter((_, i) => i !== at))
  if (kind !== 'bar' || plot.axis.kind !== 'dimension' || at < 0 || (lengths[at] ?? 0) <= GIANT * longest)
    return { picture, left: null }
  const without = <T,>(list: readonly T[]) => list.filter((_, i) => i !== at)
  const series = plot.series.map((one) => ({
    ...one,
    cells: without(one.cells),
    errors: one.errors && without(one.errors),
  }))
  const axis = { ...plot.axis, values: without(plot.axis.values) }
  const [first] = plot.series
  return {
    picture: { ...picture, plot: { ...plot, axis, series } },
    left: first === undefined ? null : { ...first, cells: [first.cells[at] ?? null] },
  }
}

const GIANT = 2

function NotDrawn({ picture: { words }, series }: { picture: Omit<Picture, 'theme' | 'isStill'>; series: Series }) {
  const texts = useTexts('answers')
  const text = texts.notDrawn(texts.other, words.figure(series.cells[0] ?? null, { ...series, errors: null }, 0))
  return (
    <Text size="xs" c="dimmed" truncate className={classes['elsewhere'] ?? ''} title={text}>
      {text}
    </Text>
  )
}

function Elsewhere({ picture }: { picture: Omit<Picture, 'theme' | 'isStill'> }) {
  const texts = useTexts('answers')
  const formats = useFormats()
  const names = useMemo(
    () => countries(picture).elsewhere.map((at) => picture.words.value(picture.plot.axis.values[at] ?? null)),
    [picture],
  )
  if (names.length === 0) return null
  return (
    <Text size="xs" c="dimmed" truncate className={classes['elsewhere'] ?? ''} title={formats.list(names)}>
      {texts.elsewhere(formats.list(names))}
    </Text>
  )
}
