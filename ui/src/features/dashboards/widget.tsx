// One widget of a board: asks, shows, and lets somebody go deeper.
import { ActionIcon, Menu } from '@mantine/core'
import { IconDots, IconTable, IconChartBar, IconCompass } from '@tabler/icons-react'
import { useQuery, type UseQueryOptions } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { Answer } from '@/answer/answer'
import { humanised } from '@/answer/numbers'
import { Problem } from '@/api/problem'
import { Body, pictureOf, type Choice } from '@/boards/body'
import type { Widget } from '@/boards/document'
import { DownloadItems } from '@/boards/download'
import type { Asked } from '@/boards/question'
import { RichText } from '@/boards/richtext'
import { Refused, States, Tile } from '@/boards/tile'
import { useWords } from '@/boards/words'
import type { ChartKind } from '@/charts/picture'
import { useMetrics, type Question } from '@/questions/ask'
import { rangeText } from '@/questions/range'
import { useTexts } from '@/texts'
import classes from '@/boards/boards.module.css'

export type Asking = UseQueryOptions<Answer, Error, Answer, string[]>

interface WidgetProps {
  widget: Widget
  asked: Asked
  asking: (question: Question, widget: Widget) => Asking
  /** Milliseconds until it is asked again; never, while a stream brings the answers. */
  every: number | false
  isStreamed?: boolean
  missing?: { code: string; detail: string } | undefined
  mayExport?: boolean
  /** Whether strangers look: then there is nothing to explore. */
  isPublic?: boolean
  path?: React.ReactNode
  /** Whether its data are shown in place of its chart, where the address says so. */
  isTable?: boolean
  onTable?: (isTable: boolean) => void
  onChoose?: ((choice: Choice) => void) | undefined
  onBrush?: ((first: string, last: string) => void) | undefined
}

/** A widget. */
export function WidgetView(props: WidgetProps) {
  return props.widget.kind === 'text' ? <TextWidget widget={props.widget} /> : <AnswerWidget {...props} />
}

function TextWidget({ widget }: { widget: Widget }) {
  const text = <RichText text={widget.options.text} />
  if (widget.title !== '') return <Tile title={widget.title}>{text}</Tile>
  return <section className={classes['plain']}>{text}</section>
}

function AnswerWidget(props: WidgetProps) {
  const { widget, asked, missing, path } = props
  const { question, unfiltered } = asked
  const words = useWords(question?.grain ?? 'all')
  const [isOwnTable, setOwnTable] = useState(false)
  const { isTable = isOwnTable, onTable: setTable = setOwnTable } = props
  const { found, answer } = useAnswer(props)
  const kind = isTable || widget.kind === 'text' ? 'table' : widget.kind
  const title = titleOf(widget)
  return (
    <Tile
      title={title}
      about={widget.about}
      answer={answer}
      unfiltered={unfiltered}
      flush={kind === 'table'}
      isStale={found.isPlaceholderData && found.isFetching}
      path={path}
      actions={<Actions {...{ ...props, title, question, answer, words, isTable, setTable }} />}
    >
      {missing !== undefined ? (
        <Refused error={new Problem({ ...missing, status: missing.code === 'NOT_PERMITTED' ? 403 : 404 })} />
      ) : (
        <States answer={answer} error={found.error} isFiltered={question === null} retry={() => void found.refetch()}>
          {(given) => <Body {...{ kind, title, words }} answer={given} options={widget.options} {...pick(props)} />}
        </States>
      )}
    </Tile>
  )
}

function pick({ onChoose, onBrush }: WidgetProps): Pick<WidgetProps, 'onChoose' | 'onBrush'> {
  return { onChoose, onBrush }
}

/** Ask a widget's question, unless a stream brings its answer or there is nothing to ask. */
function useAnswer({ widget, asked: { question }, asking, every, isStreamed = false, missing }: WidgetProps) {
  const isOff = question === null || missing !== undefined
  const found = useQuery({
    ...(question === null ? NOTHING : asking(question, widget)),
    enabled: !isOff && !isStreamed,
    refetchInterval: every,
  })
  return { found, answer: isOff ? undefined : found.data }
}

const NOTHING: Asking = { queryKey: ['answer', ''], queryFn: () => Promise.reject(new Error('Nothing was asked')) }

interface ActionsProps {
  widget: Widget
  title: string
  question: Question | null
  answer: Answer | undefined
  words: ReturnType<typeof useWords>
  mayExport?: boolean
  isPublic?: boolean
  isTable: boolean
  setTable: (isTable: boolean) => void
}

function Actions(props: ActionsProps) {
  const { widget, title, question, mayExport, isPublic, isTable, setTable } = props
  const texts = useTexts('dashboards')
  const picture = usePicture(props)
  return (
    <Menu position="bottom-end" shadow="md" width={210}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={26}
          className={classes['quiet'] ?? ''}
          aria-label={texts.actionsOf(title)}
        >
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {widget.kind !== 'table' && (
          <Menu.Item
            leftSection={isTable ? <IconChartBar size={16} aria-hidden /> : <IconTable size={16} aria-hidden />}
            onClick={() => {
              setTable(!isTable)
            }}
          >
            {isTable ? texts.asChart : texts.asTable}
          </Menu.Item>
        )}
        {question !== null && isPublic !== true && <ExploreItem question={question} widget={widget} />}
        <DownloadItems title={title} question={mayExport === true ? question : null} picture={picture} />
      </Menu.Dropdown>
    </Menu>
  )
}

const UNDRAWN: ReadonlySet<string> = new Set(['table', 'card', 'text'])

/** Give what a widget's chart is drawn from, for its file. */
function usePicture({ widget, answer, words }: ActionsProps) {
  const metrics = useMetrics()
  return useMemo(() => {
    if (UNDRAWN.has(widget.kind) || answer === undefined) return null
    return pictureOf(widget.kind as ChartKind, answer, words, widget.options, metrics)
  }, [answer, widget, words, metrics])
}

function ExploreItem({ question, widget }: { question: Question; widget: Widget }) {
  const texts = useTexts('dashboards')
  const navigate = useNavigate()
  const { metrics, by, from, to, grain, where, top } = question
  const search = {
    metrics: [...metrics],
    by: by.length === 0 ? undefined : [...by],
    range: rangeText({ from, to }),
    grain,
    where: Object.fromEntries(Object.entries(where).map(([name, values]) => [name, [...values]])),
    top: top ?? undefined,
    kind: widget.kind,
  }
  return (
    <Menu.Item
      leftSection={<IconCompass size={16} aria-hidden />}
      onClick={() => void navigate({ to: '/explore', search })}
    >
      {texts.explore}
    </Menu.Item>
  )
}

/** Give what a widget is called: its title, else what it shows. */
export function titleOf({ title, query }: Widget): string {
  if (title !== '' || query === null) return title
  return query.metrics.map(humanised).join(', ')
}
