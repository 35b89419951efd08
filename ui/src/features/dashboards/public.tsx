// A dashboard that anybody with its link sees: no sign-in, and never a small group.
import { Container, Group, Skeleton, Text, Title } from '@mantine/core'
import { IconLinkOff } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { readAnswer } from '@/answer/read'
import { problemOf } from '@/api/problem'
import classes from '@/boards/boards.module.css'
import type { Document, Widget } from '@/boards/document'
import { compacted, inReadingOrder } from '@/boards/layout'
import { questionOf } from '@/boards/question'
import { Empty } from '@/parts/state'
import { canonical, type Question } from '@/questions/ask'
import { RangePicker } from '@/questions/rangepicker'
import { hereOf, rangeText, shownWithin } from '@/questions/range'
import { useTexts } from '@/texts'
import { placed } from './board'
import { shownRange, viewOf, type BoardSearch } from './search'
import { WidgetView, type Asking } from './widget'

const route = getRouteApi('/public/$link')

interface Public {
  document: Document
  from: string
  to: string
  zone: string
  week_start: string
  now: string
}

/** A published dashboard. */
export function PublicPage() {
  const texts = useTexts('dashboards')
  const { link } = route.useParams()
  const found = useQuery(publicQuery(link))
  return (
    <Container size={1400} p="md" component="main">
      {found.isPending && <Skeleton height={500} radius="lg" />}
      {found.isError && <Empty icon={IconLinkOff} title={texts.publicGone} about={texts.publicGoneAbout} />}
      {found.isSuccess && <Shown link={link} shown={found.data} />}
    </Container>
  )
}

function Shown({ link, shown }: { link: string; shown: Public }) {
  const texts = useTexts('dashboards')
  const { document } = shown
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { here, within, range, view } = useStrangersView(shown, search)
  const widgets = useMemo(() => compacted(document.widgets).sort(inReadingOrder), [document])
  const go = (next: BoardSearch) => {
    void navigate({ search: next, resetScroll: false })
  }
  return (
    <>
      <title>{`${document.title} · Keepsum`}</title>
      <Group justify="space-between" mb="md">
        <div>
          <Title order={1}>{document.title}</Title>
          <Text c="dimmed" size="sm">
            {document.about}
          </Text>
        </div>
        <RangePicker
          range={range}
          within={within}
          here={here}
          compare={view.compare !== null}
          onRange={(next) => {
            go({ ...search, range: rangeText(shownWithin(within, next, document.range, here)) })
          }}
          onCompare={
            document.compare === null
              ? undefined
              : (compare) => {
                  go({ ...search, compare: compare ? 'previous' : 'none' })
                }
          }
        />
      </Group>
      <div className={classes['board']}>
        {widgets.map((widget) => (
          <div
            key={widget.id}
            style={placed(widget)}
            data-tall={(widget.kind !== 'card' && widget.kind !== 'text') || undefined}
          >
            <WidgetView
              widget={widget}
              asked={questionOf(widget, view, () => undefined)}
              asking={(question, one) => publicAnswer(link, one, question)}
              every={document.refresh === 'live' ? 15_000 : document.refresh * 1_000}
              isPublic
            />
          </div>
        ))}
      </div>
      <Text size="xs" c="dimmed" mt="md">
        {texts.publicFoot}
      </Text>
    </>
  )
}

/** The days that the server answers for, as many of them as the address names; compared where the dashboard compares. */
function useStrangersView(shown: Public, search: BoardSearch) {
  return useMemo(() => {
    const { document } = shown
    const here = hereOf(shown.now, shown.zone, shown.week_start)
    const within = { from: shown.from, to: shown.to }
    const range = shownWithin(within, shownRange(document, search), document.range, here)
    const compare = document.compare === null ? undefined : search.compare
    return { here, within, range, view: viewOf(document, { range: rangeText(range), compare }, here) }
  }, [shown, search])
}

function publicQuery(link: string) {
  return queryOptions({
    queryKey: ['public', link],
    queryFn: async ({ signal }): Promise<Public> => {
      const response = await fetch(`/v1/public/${encodeURIComponent(link)}`, { signal, credentials: 'omit' })
      if (!response.ok) throw await problemOf(response)
      return (await response.json()) as Public
    },
  })
}

/** The server asks the widget's own question; only the dates come from here. */
function publicAnswer(link: string, widget: Widget, question: Question): Asking {
  const body = JSON.stringify({
    widget: widget.id,
    from: question.from,
    to: question.to,
    compare: question.compare !== null,
  })
  return {
    queryKey: ['public', link, widget.id, canonical(question)],
    queryFn: async ({ signal }) => {
      const response = await fetch(`/v1/public/${encodeURIComponent(link)}/query`, {
        method: 'POST',
        credentials: 'omit',
        headers: { 'Content-Type': 'application/json' },
        body,
        signal,
      })
      if (!response.ok) throw await problemOf(response)
      return readAnswer(await response.text())
    },
  }
}
