// A board in view: its widgets over one range, and what somebody does to look closer.
import { Text, UnstyledButton } from '@mantine/core'
import { IconChevronLeft, IconLayoutGridAdd } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { humanised } from '@/answer/numbers'
import { useMay } from '@/api/session'
import { singled } from '@/boards/choice'
import type { Document, Widget } from '@/boards/document'
import { Grid } from '@/boards/grid'
import { compacted, inReadingOrder } from '@/boards/layout'
import { questionOf, type Asked, type Drill, type View } from '@/boards/question'
import { valueName } from '@/boards/words'
import { useComing } from '@/parts/opening'
import { Empty } from '@/parts/state'
import { answerQuery, plain, useMetrics, type Metric, type Question } from '@/questions/ask'
import { useLive, type Live, type Watched } from '@/questions/live'
import { periodAt, type Grain } from '@/questions/range'
import { useTexts } from '@/texts'
import classes from '@/boards/boards.module.css'
import type { Chosen } from './choices'
import { PaperFoot, statedOf } from './print'
import { withDrill, withFilter, withOff, withTable, type BoardSearch } from './search'
import { rangeText } from '@/questions/range'
import { WidgetView, type Asking } from './widget'

interface BoardProps {
  document: Document
  view: View
  search: BoardSearch
  missing: readonly { widget: string; code: string; detail: string }[]
  isLive: boolean
  onSearch: (search: BoardSearch) => void
  onLive: (state: Live['state']) => void
}

/** The widgets of a dashboard. */
export function Board(props: BoardProps) {
  const { document, view, search, isLive, onSearch, onLive } = props
  const metrics = useMetrics()
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const widgets = useMemo(() => compacted(document.widgets).sort(inReadingOrder), [document.widgets])
  const asked = useAsked(widgets, view, search, metrics)
  const watched = useMemo(() => [...asked.values()].flatMap(({ question }) => watchedOf(question)), [asked])
  const shown = useMemo(
    () => widgets.flatMap((widget) => statedOf(widget, asked.get(widget.id), (one) => answerQuery(one).queryKey)),
    [widgets, asked],
  )
  const live = useLive(INSIDE, watched, isLive, onLive)
  const showChoices = useComing(loadChoices, chosen !== null, () => {
    setChosen(null)
  })
  const drill = chosen === null ? undefined : search.drill?.[chosen.widget.id]
  if (widgets.length === 0) return <Bare />
  return (
    <>
      <Grid widgets={widgets}>
        {(widget) => (
          <Spot {...props} widget={widget} asked={asked.get(widget.id) ?? NOTHING} live={live} onChoose={setChosen} />
        )}
      </Grid>
      <PaperFoot shown={shown} />
      {chosen !== null &&
        showChoices?.({
          chosen,
          view,
          drill,
          dimensions: splitsLeft(chosen.widget, metrics, drill, view),
          onFilter: (dimension, value) => {
            onSearch(withFilter(search, dimension, [value]))
          },
          onRange: (range) => {
            onSearch({ ...search, range: rangeText(range), grain: undefined })
          },
          onDrill: (next) => {
            onSearch(withDrill(search, chosen.widget.id, next))
          },
          onClose: () => {
            setChosen(null)
          },
        })}
    </>
  )
}

const INSIDE = { address: '/v1/live' }

function watchedOf(question: Question | null): Watched[] {
  return question === null ? [] : [{ key: answerQuery(question).queryKey, asked: plain(question) }]
}

const loadChoices = () => import('./choices')
const NOTHING: Asked = { question: null, unfiltered: [] }
const LIVE_EVERY = 15_000

interface SpotProps extends BoardProps {
  widget: Widget
  asked: Asked
  live: Live
  onChoose: (chosen: Chosen) => void
}

/** One widget on the board, with what it is asked by and where somebody has gone in it. */
function Spot({ widget, asked, live, document, view, search, missing, onSearch, onChoose }: SpotProps) {
  const metrics = useMetrics()
  const mayExport = useMay('export')
  const { question } = asked
  const drill = search.drill?.[widget.id]
  const back = () => {
    onSearch(withDrill(search, widget.id, null))
  }
  return (
    <WidgetView
      widget={widget}
      asked={asked}
      asking={asking}
      every={document.refresh === 'live' ? LIVE_EVERY : document.refresh * 1_000}
      isStreamed={question !== null && live.streams(answerQuery(question).queryKey)}
      missing={missing.find(({ widget: id }) => id === widget.id)}
      mayExport={mayExport}
      isTable={search.tables?.includes(widget.id) ?? false}
      onTable={(isTable) => {
        onSearch(withTable(search, widget.id, isTable))
      }}
      off={search.off?.[widget.id]}
      onOff={(names) => {
        onSearch(withOff(search, widget.id, names))
      }}
      path={drill && <Path drill={drill} onBack={back} />}
      onChoose={(choice) => {
        const isUseful =
          choice.period !== null ||
          singled(choice.values).length > 0 ||
          splitsLeft(widget, metrics, drill, view).length > 0
        if (isUseful) onChoose({ ...choice, widget })
      }}
      onBrush={(first, last) => {
        const grain = question?.grain ?? 'all'
        if (grain !== 'all') onSearch({ ...search, range: brushed(first, last, grain, view) })
      }}
    />
  )
}

function asking(question: Question): Asking {
  return answerQuery(question)
}

function useAsked(widgets: readonly Widget[], view: View, search: BoardSearch, metrics: ReadonlyMap<string, Metric>) {
  return useMemo(() => {
    const dimensionsOf = (metric: string) => metrics.get(metric)?.dimensions
    return new Map(widgets.map((one) => [one.id, questionOf(one, view, dimensionsOf, search.drill?.[one.id])]))
  }, [widgets, view, search.drill, metrics])
}

/** Give the dimensions that a widget can be split by further: those of all its metrics that it does not show yet. */
export function splitsLeft(
  { query, kind }: Widget,
  metrics: ReadonlyMap<string, Metric>,
  drill: Drill | undefined,
  view: View,
): string[] {
  if (query === null || kind === 'card' || kind === 'gauge') return []
  const known = query.metrics.map((name) => metrics.get(name)?.dimensions ?? [])
  const fixed = view.filters.filter(({ values }) => values.length === 1).map(({ dimension }) => dimension)
  const gone = drill ?? { where: {}, by: query.by }
  const shown = new Set([...gone.by, ...Object.keys(gone.where), ...Object.keys(query.where), ...fixed])
  return (known[0] ?? []).filter((one) => !shown.has(one) && known.every((all) => all.includes(one)))
}

function brushed(first: string, last: string, grain: Grain, { dates }: View): string {
  return rangeText({ from: first < dates.from ? dates.from : first, to: periodAt(last, grain, dates).to })
}

function Path({ drill, onBack }: { drill: Drill; onBack: () => void }) {
  const texts = useTexts('dashboards')
  const answers = useTexts('answers')
  const gone = Object.values(drill.where).flatMap((values) => values.map((one) => valueName(answers, one)))
  const path = [...gone, ...drill.by.map(humanised)].join(' › ')
  return (
    <div className={classes['path']}>
      <UnstyledButton fz="xs" onClick={onBack} aria-label={texts.backFrom(path)} className={classes['sort']}>
        <IconChevronLeft size={14} aria-hidden /> {texts.back}
      </UnstyledButton>
      <Text span size="xs" truncate>
        <bdi>{path}</bdi>
      </Text>
    </div>
  )
}

function Bare() {
  const texts = useTexts('dashboards')
  return <Empty icon={IconLayoutGridAdd} title={texts.emptyBoard} about={texts.emptyBoardAbout} />
}
