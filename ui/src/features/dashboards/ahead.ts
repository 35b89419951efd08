// Asks what a board shows as soon as it is known what that is: the answers are made while the page is still put up.
import type { QueryClient } from '@tanstack/react-query'
import { sessionQuery } from '@/api/session'
import { questionOf } from '@/boards/question'
import { answerQuery, byName, catalogQuery } from '@/questions/ask'
import { hereOf } from '@/questions/range'
import { dashboardQuery } from './queries'
import { isShownLive, viewOf, type BoardSearch } from './search'

/** Ask the questions of a dashboard's widgets, those that a stream will bring apart; who shows them tells what went wrong. */
export async function askAhead(queries: QueryClient, id: string, search: BoardSearch): Promise<void> {
  const [{ now, zone, week_start }, { document, missing }, catalog] = await Promise.all([
    queries.query({ ...sessionQuery, staleTime: 'static' }),
    queries.query(dashboardQuery(id)),
    queries.query(catalogQuery),
  ])
  if (isShownLive(document, search)) return
  const metrics = byName(catalog)
  const view = viewOf(document, search, hereOf(now, zone, week_start))
  const gone = new Set(missing.map(({ widget }) => widget))
  for (const widget of document.widgets) {
    const { question } = questionOf(widget, view, (name) => metrics.get(name)?.dimensions, search.drill?.[widget.id])
    if (question !== null && !gone.has(widget.id)) queries.query(answerQuery(question)).catch(() => undefined)
  }
}
