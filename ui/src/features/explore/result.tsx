// The answer: chart and table beside each other, over the same figures and with the same labels.
import { Group, SegmentedControl, Text, VisuallyHidden } from '@mantine/core'
import {
  IconChartAreaLine,
  IconChartBar,
  IconChartDots,
  IconChartLine,
  IconChartPie,
  IconGridDots,
  IconNumbers,
  IconWorld,
  type Icon,
} from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Answer } from '@/answer/answer'
import { humanised } from '@/answer/numbers'
import { Body } from '@/boards/body'
import { PAPER_END } from '@/boards/paperrows'
import { singled, type Choice } from '@/boards/choice'
import { NO_OPTIONS, type Options } from '@/boards/document'
import { States, Tile } from '@/boards/tile'
import { useWords } from '@/boards/words'
import { Choice as ChoiceButton } from '@/parts/choice'
import { useComing } from '@/parts/opening'
import type { Question } from '@/questions/ask'
import { periodAt, rangeText } from '@/questions/range'
import { useFormats, useTexts } from '@/texts'
import { further, type Asking } from './asking'
import classes from './explore.module.css'
import { metricName } from './metrics'
import type { ExploreSearch, Stack } from './search'
import { drawnOf, kindFor, kindsFor, shapeOf, withKind, type ShownKind } from './shape'

const ICONS: Record<ShownKind, Icon> = {
  line: IconChartLine,
  area: IconChartAreaLine,
  bar: IconChartBar,
  card: IconNumbers,
  pie: IconChartPie,
  map: IconWorld,
  scatter: IconChartDots,
  heatmap: IconGridDots,
}
const loadChoices = () => import('./choices')
const STACKED: ReadonlySet<ShownKind> = new Set(['area', 'bar'])

export interface ResultProps {
  search: ExploreSearch
  asking: Asking
  found: UseQueryResult<Answer>
  dimensions: readonly string[]
  go: (part: Partial<ExploreSearch>) => void
}

/** Chart and table of an answer. */
export function Result({ search, asking, found, dimensions, go }: ResultProps) {
  const texts = useTexts('explore')
  const title = useTitle(asking.question)
  const words = useWords(asking.question.grain)
  const [choice, setChoice] = useState<Choice | null>(null)
  const showChoices = useComing(loadChoices, choice !== null, () => {
    setChoice(null)
  })
  const onChoose = (one: Choice) => {
    const isUseful =
      one.period !== null || singled(one.values).length > 0 || further(asking.shape.by, dimensions).length > 0
    if (isUseful) setChoice(one)
  }
  const isStale = found.isPlaceholderData && found.isFetching
  const states = { answer: found.data, error: found.error, isFiltered: false, retry: () => void found.refetch() }
  const answer = found.isError ? undefined : found.data
  return (
    <div className={classes['both']} data-units={unitsOf(answer, asking.kind)}>
      <div className={classes['result']}>
        <Tile
          title={title}
          answer={answer}
          unfiltered={asking.unfiltered}
          isStale={isStale}
          path={<Looks search={search} asking={asking} go={go} />}
        >
          <States {...states} answer={answer}>
            {(given) => <Charts {...{ given, asking, search, title, words, go }} onChoose={onChoose} />}
          </States>
        </Tile>
      </div>
      <div className={classes['result']}>
        <Tile title={texts.table} answer={answer} unfiltered={asking.unfiltered} isStale={isStale} flush>
          <States {...states} answer={answer}>
            {(given) => (
              <Body kind="table" title={title} answer={given} words={words} options={NO_OPTIONS} onChoose={onChoose} />
            )}
          </States>
        </Tile>
      </div>
      <div id={PAPER_END} className={classes['end']} />
      {choice !== null &&
        showChoices?.({
          choice,
          search,
          asking,
          dimensions,
          go,
          onClose: () => {
            setChoice(null)
          },
        })}
    </div>
  )
}

/** Give what a question is called: what it shows, and what that is split by. */
export function useTitle({ metrics, by }: Question): string {
  const texts = useTexts('explore')
  const formats = useFormats()
  const what = formats.list(metrics.map(metricName))
  return by.length === 0 ? what : texts.byNames(what, formats.list(by.map(humanised)))
}

interface ChartsProps {
  given: Answer
  asking: Asking
  search: ExploreSearch
  title: string
  words: ReturnType<typeof useWords>
  go: ResultProps['go']
  onChoose: (choice: Choice) => void
}

function Charts({ given, asking, search, title, words, go, onChoose }: ChartsProps) {
  const formats = useFormats()
  // The answer in sight may still be that of the question before.
  const kind = kindFor(shapeOf(given), search.kind)
  const drawn = useMemo(() => drawnOf(given, kind), [given, kind])
  const options = useMemo(() => optionsOf(kind, search.stack), [kind, search.stack])
  const { grain, from, to } = asking.question
  const brush = (first: string, last: string) => {
    if (grain !== 'all') go({ range: rangeText({ from: first, to: periodAt(last, grain, { from, to }).to }) })
  }
  return (
    <div className={classes['charts']}>
      {drawn.map((answer, i) => {
        const figures = answer.columns.filter((column) => column.kind === 'metric')
        const names = formats.list(figures.map(({ name }) => metricName(name)))
        return (
          <div key={i} className={classes['chart']}>
            {drawn.length > 1 && (
              <Text size="xs" c="dimmed" fw={550}>
                {inUnit(names, figures[0]?.unit ?? '')}
              </Text>
            )}
            <div className={classes['drawn']}>
              <Body
                kind={kind}
                title={drawn.length > 1 ? names : title}
                answer={answer}
                words={words}
                options={options}
                onChoose={onChoose}
                onBrush={brush}
              />
            </div>
          </div>
        )
      })}
    </div>
  )
}

/** Give the options of a chart as the address has them. */
export function optionsOf(kind: ShownKind, stack: Stack | undefined): Options {
  const isStacked = STACKED.has(kind)
  return { ...NO_OPTIONS, stacked: isStacked && stack === 'stacked', normal: isStacked && stack === 'normal' }
}

function Looks({ search, asking, go }: Pick<ResultProps, 'search' | 'asking' | 'go'>) {
  const texts = useTexts('explore')
  const { kinds } = useTexts('answers')
  const { shape, kind } = asking
  return (
    <Group gap="xs" className={classes['looks'] ?? ''} wrap="wrap">
      <SegmentedControl
        size="xs"
        aria-label={texts.kind}
        data={kindsFor(shape).map((one) => ({ value: one, label: <KindMark kind={one} name={kinds[one]} /> }))}
        value={kind}
        onChange={(next) => {
          go(withKind(shape, next))
        }}
      />
      {STACKED.has(kind) && shape.by.length > 0 && (
        <ChoiceButton
          width={190}
          label={texts.stack}
          options={STACKS.map((one) => ({ value: one, label: texts.stacks[one] }))}
          value={search.stack ?? 'beside'}
          onChoose={(stack) => {
            go({ stack: stack === 'beside' ? undefined : stack })
          }}
        />
      )}
    </Group>
  )
}

const STACKS = ['beside', 'stacked', 'normal'] as const

function KindMark({ kind, name }: { kind: ShownKind; name: string }) {
  const Mark = ICONS[kind]
  return (
    <span className={classes['kind']} title={name}>
      <Mark size={16} aria-hidden />
      <VisuallyHidden>{name}</VisuallyHidden>
    </span>
  )
}

/** A unit that says what the name says already is left out: `Invoices, invoices`. */
function inUnit(names: string, unit: string): string {
  return unit === '' || names.toLowerCase() === unit.toLowerCase() ? names : `${names}, ${unit}`
}

function unitsOf(answer: Answer | undefined, kind: ShownKind): number | undefined {
  if (answer === undefined) return undefined
  const count = drawnOf(answer, kindFor(shapeOf(answer), kind)).length
  return count > 1 ? Math.min(count, 4) : undefined
}
