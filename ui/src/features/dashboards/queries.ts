// Dashboards, as the server keeps them.
import { queryOptions } from '@tanstack/react-query'
import type { Document } from '@/boards/document'
import { client, take, type Schema } from '@/api/client'

export type Summary = Schema['SummaryOut']
export type Dashboard = Omit<Schema['DashboardOut'], 'document'> & { document: Document }

/** The dashboards that somebody sees. */
export const listQuery = queryOptions({
  queryKey: ['dashboards'],
  queryFn: ({ signal }) => take(client.GET('/v1/dashboards', { signal })),
})

/** One dashboard with what is on it. */
export function dashboardQuery(id: string) {
  return queryOptions({
    queryKey: ['dashboards', id],
    queryFn: async ({ signal }) =>
      dashboardOf(await take(client.GET('/v1/dashboards/{id}', { signal, params: { path: { id } } }))),
  })
}

/** The versions of a dashboard that are kept. */
export function versionsQuery(id: string) {
  return queryOptions({
    queryKey: ['dashboards', id, 'versions'],
    queryFn: async ({ signal }) =>
      (await take(client.GET('/v1/dashboards/{id}/versions', { signal, params: { path: { id } } }))).versions,
    staleTime: 0,
  })
}

/** Give a dashboard as it was. */
export async function versionOf(id: string, version: number): Promise<Document> {
  const path = { id, version }
  const found = await take(client.GET('/v1/dashboards/{id}/versions/{version}', { params: { path } }))
  return found.document as Document
}

/** Keep a new dashboard. */
export async function make(document: Document): Promise<Dashboard> {
  return dashboardOf(await take(client.POST('/v1/dashboards', { body: { document: kept(document) } })))
}

/** Keep the next version of a dashboard, made of `version`. */
export async function change(id: string, version: number, document: Document): Promise<Dashboard> {
  const body = { version, document: kept(document) }
  return dashboardOf(await take(client.PUT('/v1/dashboards/{id}', { params: { path: { id } }, body })))
}

/** Delete a dashboard. */
export async function remove(id: string): Promise<void> {
  await client.DELETE('/v1/dashboards/{id}', { params: { path: { id } } })
}

/** Say who sees a dashboard. */
export async function share(id: string, roles: string[], published: boolean): Promise<Dashboard> {
  const sent = client.PUT('/v1/dashboards/{id}/sharing', { params: { path: { id } }, body: { roles, published } })
  return dashboardOf(await take(sent))
}

function dashboardOf(given: Schema['DashboardOut']): Dashboard {
  return { ...given, document: given.document as Document }
}

/** A document as the server takes it; filters that are offered hold texts only. */
function kept(document: Document): Schema['Document'] {
  const filters = document.filters.map(({ dimension, values }) => ({
    dimension,
    values: values.filter((one) => one !== null),
  }))
  return { ...structuredClone(document), filters } as Schema['Document']
}
