// Keeps what was explored on a dashboard, beside what is there already.
import { queryOptions } from '@tanstack/react-query'
import { client, take, type Schema } from '@/api/client'
import { Problem } from '@/api/problem'
import { emptyDocument, SIZES, type Document, type Widget } from '@/boards/document'
import { compacted, freePlace } from '@/boards/layout'
import type { Range } from '@/questions/range'

interface Saved {
  readonly id: string
  readonly title: string
}

const TRIES = 3

/** The dashboards that somebody sees, and how many widgets one may have. */
export const dashboardsQuery = queryOptions({
  queryKey: ['dashboards'],
  queryFn: ({ signal }) => take(client.GET('/v1/dashboards', { signal })),
})

/** Keep a new dashboard with one widget. */
export async function saveAnew(title: string, range: Range, refresh: number, widget: Widget): Promise<Saved> {
  const document = withWidget({ ...emptyDocument(title, refresh), range }, widget)
  return take(client.POST('/v1/dashboards', { body: { document: sent(document) } }))
}

/** Keep a dashboard with one more widget; if somebody else just changed it, their version with one more. */
export async function saveTo(
  id: string,
  widget: Widget,
  fullText: (count: number) => string,
  most: number,
): Promise<Saved> {
  const params = { path: { id } }
  for (let left = TRIES; ; left--) {
    const now = await take(client.GET('/v1/dashboards/{id}', { params }))
    const document = now.document as Document
    if (document.widgets.length >= most) throw new Error(fullText(document.widgets.length))
    try {
      const body = { version: now.version, document: sent(withWidget(document, widget)) }
      return await take(client.PUT('/v1/dashboards/{id}', { params, body }))
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'DASHBOARD_CHANGED') || left === 1) throw error
    }
  }
}

/** Give a dashboard with one more widget, where there is room. */
export function withWidget(document: Document, widget: Widget): Document {
  const settled = compacted(document.widgets)
  const taken = new Set(settled.map(({ id }) => id))
  let number = settled.length + 1
  while (taken.has(`${widget.kind}-${number}`)) number++
  const { w, h } = SIZES[widget.kind]
  const place = freePlace(settled, { w, h })
  return { ...document, widgets: [...settled, { ...widget, id: `${widget.kind}-${number}`, place }] }
}

/** Ours is read-only, and its closed sets are the server's. */
function sent(document: Document): Schema['Document'] {
  return structuredClone(document) as unknown as Schema['Document']
}
