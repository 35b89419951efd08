// One widget of a board: asks, shows, and lets somebody go deeper.
import { ActionIcon } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useQuery, type UseQueryOptions } from '@tanstack/react-query'
import { useState } from 'react'
import type { Answer } from '@/answer/answer'
import { humanised } from '@/answer/numbers'
import { Problem } from '@/api/problem'
import { Body } from '@/boards/body'
import type { Choice } from '@/boards/choice'
import type { Widget } from '@/boards/document'
import type { Asked } from '@/boards/question'
import { RichText } from '@/boards/richtext'
import { Refused, States, Tile } from '@/boards/tile'
import { useWords } from '@/boards/words'
import type { Words } from '@/charts/picture'
import { Opening } from '@/parts/opening'
import type { Question } from '@/questions/ask'
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
  /** The names of its legend that are switched off, where the address says so. */
  off?: readonly string[] | undefined
  onOff?: ((names: readonly string[]) => void) | undefined
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

function pick({
  onChoose,
  onBrush,
  off,
  onOff,
}: WidgetProps): Pick<WidgetProps, 'onChoose' | 'onBrush' | 'off' | 'onOff'> {
  return { onChoose, onBrush, off, onOff }
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

export interface ActionsProps {
  widget: Widget
  title: string
  question: Question | null
  answer: Answer | undefined
  words: Words
  mayExport?: boolean
  isPublic?: boolean
  isTable: boolean
  setTable: (isTable: boolean) => void
}

const loadActions = () => import('./actions')

function Actions(props: ActionsProps) {
  const texts = useTexts('dashboards')
  return (
    <Opening popup="menu" load={loadActions} given={props}>
      {(opener) => (
        <ActionIcon
          {...opener}
          variant="subtle"
          color="gray"
          size={26}
          className={classes['quiet'] ?? ''}
          aria-label={texts.actionsOf(props.title)}
        >
          <IconDots size={16} />
        </ActionIcon>
      )}
    </Opening>
  )
}

/** Give what a widget is called: its title, else what it shows. */
export function titleOf({ title, query }: Widget): string {
  if (title !== '' || query === null) return title
  return query.metrics.map(humanised).join(', ')
}
