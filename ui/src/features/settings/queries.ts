// What the settings ask the server.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, take, type Schema } from '@/api/client'
import type { AuditSearch } from './routes'

export type Person = Schema['PersonOut']
export type Role = Schema['RoleOut']
export type Token = Schema['TokenOut']
export type Event = Schema['EventOut']

const A_PAGE = 50

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async ({ signal }) => (await take(client.GET('/v1/people', { signal }))).people,
})

export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: async ({ signal }) => (await take(client.GET('/v1/roles', { signal }))).roles,
})

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await take(client.GET('/v1/tokens', { signal }))).tokens,
})

export const streamNamesQuery = queryOptions({
  queryKey: ['streams'],
  queryFn: async ({ signal }) => (await take(client.GET('/v1/streams', { signal }))).streams,
  select: (streams) => streams.map(({ name }) => name),
})

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => take(client.GET('/v1/settings', { signal })),
})

/** The audit log, page by page, the newest first. */
export const auditQuery = ({ kind, caller, from, to }: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit', kind, caller, from, to],
    queryFn: ({ signal, pageParam }) => {
      const query = {
        kind: kind as Event['kind'] | undefined,
        caller,
        from,
        to,
        limit: A_PAGE,
        ...(pageParam ? { before: pageParam } : {}),
      }
      return take(client.GET('/v1/audit', { params: { query }, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
