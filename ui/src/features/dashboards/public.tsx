// A dashboard that anybody with its link sees: no sign-in, and never a small group.
import { Badge, Container, Group, Skeleton, Text, Title } from '@mantine/core'
import { IconLinkOff } from '@tabler/icons-react'
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { readAnswer } from '@/answer/read'
import { Problem, problemOf } from '@/api/problem'
import { send } from '@/api/send'
import type { Document, Widget } from '@/boards/document'
import { Grid } from '@/boards/grid'
import { compacted, inReadingOrder } from '@/boards/layout'
import { questionOf, type Asked, type View } from '@/boards/question'
import { Empty, Failed } from '@/parts/state'
import { canonical, type Question } from '@/questions/ask'
import { RangePicker } from '@/questions/rangepicker'
import { useLive, type Live, type Source } from '@/questions/live'
import { hereOf, rangeText, shownWithin } from '@/questions/range'
import { useTexts } from '@/texts'
import { Connection } from './connection'
import { PaperFoot, PrintedHead, statedOf } from './print'
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
  const isGone = found.error instanceof Problem && found.error.status === 404
  return (
    <Container size={1400} p="md" component="main">
      {isGone ? (
        <Empty order={1} icon={IconLinkOff} title={texts.publicGone} about={texts.publicGoneAbout} />
      ) : found.data !== undefined ? (
        <Shown link={link} shown={found.data} />
      ) : found.isError ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : (
        <Skeleton height={500} radius="lg" />
      )}
    </Container>
  )
}

function Shown({ link, shown }: { link: string; shown: Public }) {
  const texts = useTexts('dashboards')
  const { document } = shown
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { here, within, range, view } = useStrangersView(shown, search)
  const { widgets, asked } = useAsked(document, view)
  const live = useStrangersLive(link, document, asked)
  const go = (next: BoardSearch) => {
    void navigate({ search: next, resetScroll: false })
  }
  return (
    <>
      <title>{`${document.title} · Keepsum`}</title>
      <Head {...{ shown, search, here, within, range, view, go }} isLive={live.state === 'live'} />
      <PrintedHead view={view} here={here} />
      <Connection state={live.state} />
      <Grid widgets={widgets}>
        {(widget) => (
          <WidgetView
            widget={widget}
            asked={asked.get(widget) ?? NOTHING}
            asking={(question, one) => publicAnswer(link, one, question)}
            every={document.refresh === 'live' ? SELDOM : document.refresh * 1_000}
            isStreamed={isStreamed(live, link, widget, asked.get(widget))}
            isPublic
          />
        )}
      </Grid>
      <PaperFoot
        shown={widgets.flatMap((widget) => statedOf(widget, asked.get(widget), (one) => publicKey(link, widget, one)))}
      />
      <Text size="xs" c="dimmed" mt="md">
        {texts.publicFoot}
      </Text>
    </>
  )
}

interface HeadProps extends ReturnType<typeof useStrangersView> {
  shown: Public
  search: BoardSearch
  isLive: boolean
  go: (next: BoardSearch) => void
}

function Head({ shown: { document }, search, here, within, range, view, isLive, go }: HeadProps) {
  const texts = useTexts('dashboards')
  return (
    <Group justify="space-between" mb="md">
      <div>
        <Title order={1}>{document.title}</Title>
        <Text c="dimmed" size="sm">
          {document.about}
        </Text>
      </div>
      <Group gap="xs" className="no-print">
        {isLive && (
          <Badge color="green" variant="dot" role="status">
            {texts.live}
          </Badge>
        )}
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
    </Group>
  )
}

const NOTHING: Asked = { question: null, unfiltered: [] }
const SELDOM = 15_000 // milliseconds, where live answers do not come
const LOOKED_AT = 300_000 // milliseconds: a new day may have begun

function useAsked(document: Document, view: View) {
  return useMemo(() => {
    const widgets = compacted(document.widgets).sort(inReadingOrder)
    return { widgets, asked: new Map(widgets.map((one) => [one, questionOf(one, view, () => undefined)])) }
  }, [document, view])
}

function isStreamed(live: Live, link: string, widget: Widget, asked: Asked | undefined): boolean {
  return asked?.question != null && live.streams(publicKey(link, widget, asked.question))
}

/** Watch all widgets of a dashboard that is live; when it was changed or taken back, it is shown anew. */
function useStrangersLive(link: string, document: Document, asked: ReadonlyMap<Widget, Asked>): Live {
  const queries = useQueryClient()
  const source = useMemo(
    (): Source => ({
      address: `/v1/public/${encodeURIComponent(link)}/live`,
      onEnd: (code) => {
        if (code === 'DASHBOARD_CHANGED' || code === 'LINK_INVALID')
          void queries.invalidateQueries({ queryKey: publicQuery(link).queryKey, exact: true })
      },
    }),
    [link, queries],
  )
  const watched = useMemo(
    () =>
      [...asked].flatMap(([widget, { question }]) =>
        question === null ? [] : [{ key: publicKey(link, widget, question), asked: publicAsked(widget, question) }],
      ),
    [link, asked],
  )
  return useLive(source, watched, document.refresh === 'live')
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
      const response = await send(`/v1/public/${encodeURIComponent(link)}`, { signal, credentials: 'omit' })
      if (!response.ok) throw await problemOf(response)
      return (await response.json()) as Public
    },
    refetchInterval: LOOKED_AT,
  })
}

/** The server asks the widget's own question; only the dates come from here. */
function publicAsked(widget: Widget, { from, to, compare }: Question) {
  return { widget: widget.id, from, to, compare: compare !== null }
}

function publicKey(link: string, widget: Widget, question: Question): string[] {
  return ['public', link, widget.id, canonical(question)]
}

function publicAnswer(link: string, widget: Widget, question: Question): Asking {
  const body = JSON.stringify(publicAsked(widget, question))
  return {
    queryKey: publicKey(link, widget, question),
    queryFn: async ({ signal }) => {
      const response = await send(`/v1/public/${encodeURIComponent(link)}/query`, {
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
