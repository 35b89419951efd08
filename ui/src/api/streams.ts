import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { client, take, type Schema } from './client'
import { may, type Session } from './session'

export type Stream = Schema['StreamOut']

const BEGUN = 'keepsum.begun.'

/** The streams that the person may see anything of, and how their days stand. */
export const streamsQuery = queryOptions({
  queryKey: ['streams'],
  queryFn: async ({ signal }) => (await take(client.GET('/v1/streams', { signal }))).streams,
})

/** Say whether a stream has anything: records, now or once, or an application's own tables behind it. */
export function hasBegun({ standing }: Stream): boolean {
  if (standing === null) return true
  return standing.attached !== null || standing.records + standing.purged_records > 0
}

/** Say whether nothing was ever collected in the workspace; whoever could not do anything about it is not asked to. */
export async function isFresh(queries: QueryClient, session: Session): Promise<boolean> {
  const kept = `${BEGUN}${session.workspace}`
  if (!may(session, 'operate') || localStorage.getItem(kept) !== null) return false
  const streams = await queries.query(streamsQuery)
  const fresh = !streams.some(hasBegun)
  if (!fresh) localStorage.setItem(kept, 'yes')
  return fresh
}
