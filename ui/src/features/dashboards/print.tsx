// A board on paper: what its controls say stands there in words, and at its end what its numbers are.
import { Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { Answer } from '@/answer/answer'
import { humanised } from '@/answer/numbers'
import type { Widget } from '@/boards/document'
import { PAPER_END } from '@/boards/paperrows'
import type { Asked, View } from '@/boards/question'
import { sentencesOf } from '@/boards/sentences'
import { valueName } from '@/boards/words'
import { usePaper } from '@/parts/paper'
import type { Question } from '@/questions/ask'
import type { Here } from '@/questions/range'
import { useFormats, useTexts } from '@/texts'
import './print.css'
import { gathered } from './said'
import { titleOf } from './widget'

/** What a printed board is about: its days, what it is compared with, its filters, and when that was so. */
export function PrintedHead({ view, here }: { view: View; here: Here }) {
  const answers = useTexts('answers')
  const texts = useTexts('dashboards')
  const formats = useFormats()
  const filters = view.filters.flatMap(({ dimension, values }) =>
    values.length === 0
      ? []
      : [`${humanised(dimension)}: ${formats.list(values.map((one) => valueName(answers, one)))}`],
  )
  const parts = [
    answers.fromTo(formats.date(view.dates.from), formats.date(view.dates.to)),
    ...(view.compare === null ? [] : [texts.compared]),
    ...filters,
    texts.asOf(formats.date(here.today)),
  ]
  return (
    <Text size="sm" className="only-print">
      {parts.join(' · ')}
    </Text>
  )
}

/** A widget that answers, and where its answer is kept. */
export interface Stated {
  readonly title: string
  readonly key: readonly string[]
  readonly unfiltered: readonly string[]
}

/** Give a widget with the place of its answer, if it asks anything. */
export function statedOf(widget: Widget, asked: Asked | undefined, keyOf: (question: Question) => string[]): Stated[] {
  if (asked === undefined || asked.question === null) return []
  return [{ title: titleOf(widget), key: keyOf(asked.question), unfiltered: asked.unfiltered }]
}

/** The end of a printed board: what its numbers are, and the tables that are longer than their widgets. */
export function PaperFoot({ shown }: { shown: readonly Stated[] }) {
  const isPaper = usePaper()
  return (
    <>
      {isPaper && <Notes shown={shown} />}
      <div id={PAPER_END} />
    </>
  )
}

function Notes({ shown }: { shown: readonly Stated[] }) {
  const texts = useTexts('answers')
  const formats = useFormats()
  const queries = useQueryClient()
  const notes = gathered(
    shown.flatMap(({ title, key, unfiltered }) => {
      const answer = queries.getQueryData<Answer>(key)
      return answer === undefined ? [] : [{ title, sentences: sentencesOf(texts, formats, answer.labels, unfiltered) }]
    }),
  )
  if (notes.length === 0) return null
  return (
    <section className="paper-notes">
      <h2>{texts.labelsTitle}</h2>
      <ul>
        {notes.map(({ sentence, titles }) => (
          <li key={sentence}>
            {sentence}
            {titles !== null && <Text span c="dimmed" fz="inherit">{` (${formats.list(titles)})`}</Text>}
          </li>
        ))}
      </ul>
    </section>
  )
}
