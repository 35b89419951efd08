// What the pages of operations ask the server.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, take, type Schema } from '@/api/client'
import { problemOf } from '@/api/problem'
import { send } from '@/api/send'

export type Job = Schema['JobOut']
export type Entry = Schema['EntryOut']
export type Health = Schema['HealthOut']

const A_PAGE = 50
const BUSY = 2_000 // ms between two looks while something is under way
const QUIET = 20_000

const isUnderWay = ({ state }: Job) => state === 'queued' || state === 'running'

/** The newest jobs; looked at more often while one is under way. */
export const jobsQuery = queryOptions({
  queryKey: ['jobs'],
  queryFn: async ({ signal }) =>
    (await take(client.GET('/v1/jobs', { params: { query: { limit: A_PAGE } }, signal }))).jobs,
  refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? BUSY : QUIET),
})

/** One job, looked at until it has ended. */
export const jobQuery = (id: number) =>
  queryOptions({
    queryKey: ['jobs', id],
    queryFn: ({ signal }) => take(client.GET('/v1/jobs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data && !isUnderWay(state.data) ? false : BUSY / 2),
  })

/** How everything stands; the server says so with status 503 when it does not stand well. */
export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: async ({ signal }): Promise<Health> => {
    const response = await send('/health', { signal })
    const told: unknown = await response
      .clone()
      .json()
      .catch(() => null)
    if (isHealth(told)) return told
    throw await problemOf(response)
  },
  refetchInterval: QUIET,
})

function isHealth(told: unknown): told is Health {
  return typeof told === 'object' && told !== null && 'parts' in told && 'status' in told
}

export const schedulesQuery = queryOptions({
  queryKey: ['schedules'],
  queryFn: async ({ signal }) => (await take(client.GET('/v1/schedules', { signal }))).schedules,
  refetchInterval: QUIET,
})

export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: async ({ signal }) => (await take(client.GET('/v1/workers', { signal }))).workers,
  refetchInterval: QUIET,
})

/** The ledger, the newest entries first: the server gives them oldest first, after a number. */
export const ledgerQuery = infiniteQueryOptions({
  queryKey: ['ledger'],
  queryFn: async ({ signal, pageParam }) => {
    const until = pageParam ?? (await take(client.GET('/v1/ledger/head', { signal }))).seq
    const after = Math.max(0, until - A_PAGE)
    const query = { after, limit: Math.max(1, until - after) }
    const found = await take(client.GET('/v1/ledger', { params: { query }, signal }))
    return { entries: found.entries.toReversed(), head: found.head, after }
  },
  initialPageParam: null as number | null,
  getNextPageParam: ({ after }) => (after === 0 ? null : after),
})
