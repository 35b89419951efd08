// How an answer came about: its parts, each in sentences, rows and bars.
import { List, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Answer, Explain } from '@/answer/answer'
import { FactList } from '@/boards/facts'
import { Refused } from '@/boards/tile'
import { answerQuery, type Question } from '@/questions/ask'
import { useFormats, useTexts } from '@/texts'
import { coursesOf, daysBySource, refusedOf } from './explained'
import classes from './explore.module.css'
import { metricName } from './metrics'
import { Timeline } from './timeline'

const MOST = 20

interface ExplainedProps {
  question: Question
  unfiltered: readonly string[]
}

/** How an answer came about, in parts. */
export default function Explained({ question, unfiltered }: ExplainedProps) {
  const found = useQuery(answerQuery({ ...question, explain: true }))
  if (found.isError) return <Refused error={found.error} retry={() => void found.refetch()} />
  if (found.data?.explain == null) return <Skeleton height={180} radius="md" m="md" />
  return <Story answer={found.data} explain={found.data.explain} unfiltered={unfiltered} />
}

function Story({ answer, explain, unfiltered }: { answer: Answer; explain: Explain; unfiltered: readonly string[] }) {
  const texts = useTexts('explore')
  return (
    <div className={classes['story']}>
      <Part title={texts.labels}>
        <FactList labels={answer.labels} unfiltered={unfiltered} />
      </Part>
      <Part title={texts.access}>
        <Access explain={explain} />
      </Part>
      <Part title={texts.course} isWide>
        <Courses explain={explain} />
      </Part>
      <Part title={texts.refused}>
        <RefusedList explain={explain} />
      </Part>
      <Part title={texts.time}>
        <Time explain={explain} />
      </Part>
    </div>
  )
}

function Part({ title, isWide = false, children }: { title: string; isWide?: boolean; children: ReactNode }) {
  return (
    <section data-wide={isWide || undefined}>
      <Title order={3} fz="sm" mb={6}>
        {title}
      </Title>
      {children}
    </section>
  )
}

function Courses({ explain }: { explain: Explain }) {
  const texts = useTexts('explore')
  const formats = useFormats()
  const courses = coursesOf(explain)
  const told = daysBySource(courses).map(([source, count]) => texts.daysFrom(count, texts.sources[source] ?? source))
  return (
    <>
      <Text size="sm" mb={8}>
        {formats.list(told)}
      </Text>
      {courses.slice(0, MOST).map((course) => (
        <Timeline key={`${course.stream} ${course.measure}`} course={course} />
      ))}
    </>
  )
}

function Access({ explain }: { explain: Explain }) {
  const texts = useTexts('explore')
  const { access: reasons } = useTexts('answers')
  const formats = useFormats()
  const lines = explain.access.map((one) => {
    const [role, first] = [text(one, 'role'), text(one, 'from')]
    const how = [
      reasons[text(one, 'reason')] ?? text(one, 'reason'),
      role !== '' && texts.byRole(role),
      first !== '' && texts.since(formats.date(first)),
      one['guarded'] === true && texts.smallHidden,
    ].filter((part) => part !== false)
    return `${metricName(text(one, 'metric'))}: ${how.join(' · ')}`
  })
  return <Lines lines={[...new Set(lines)]} />
}

function RefusedList({ explain }: { explain: Explain }) {
  const texts = useTexts('explore')
  const { notes } = useTexts('answers')
  const formats = useFormats()
  const refused = refusedOf(explain)
  if (refused.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {texts.nothingRefused}
      </Text>
    )
  return (
    <List size="sm" spacing={6}>
      {refused.map(({ reason, rollups, measures }) => (
        <List.Item key={reason}>
          {notes[reason] ?? reason}
          <Text size="xs" c="dimmed">
            {rollups.length === 0
              ? formats.list(measures)
              : texts.refusedOf(formats.list(rollups), formats.list(measures))}
          </Text>
        </List.Item>
      ))}
    </List>
  )
}

function Time({ explain }: { explain: Explain }) {
  const texts = useTexts('explore')
  const { steps, milliseconds } = useTexts('answers')
  const formats = useFormats()
  const entries = Object.entries(explain.seconds)
  const all = entries.reduce((sum, [, seconds]) => sum + seconds, 0)
  const written = new Intl.NumberFormat(formats.locale, { maximumFractionDigits: 1 })
  const whole = written.format(all * 1_000)
  return (
    <>
      <Text size="sm" mb={6}>
        {explain.rows_read === null ? texts.readHidden(whole) : texts.read(formats.count(explain.rows_read), whole)}
      </Text>
      <table className={classes['time']}>
        <tbody>
          {entries.map(([name, seconds]) => (
            <tr key={name}>
              <th scope="row">{steps[name] ?? name}</th>
              <td aria-hidden>
                <span className={classes['bar']} style={{ width: `${(100 * seconds) / (all || 1)}%` }} />
              </td>
              <td>{milliseconds(written.format(seconds * 1_000))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <List size="sm" spacing={4}>
      {lines.map((line) => (
        <List.Item key={line}>{line}</List.Item>
      ))}
    </List>
  )
}

function text(entry: Readonly<Record<string, unknown>>, name: string): string {
  const value = entry[name]
  return typeof value === 'string' ? value : ''
}
