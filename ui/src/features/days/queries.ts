// What the pages of days ask the server.
import { queryOptions } from '@tanstack/react-query'
import { client, take, type Schema } from '@/api/client'
import { readExact } from './read'
import type { Range } from './weeks'

export type Day = Schema['DayOut']
export type Proof = Schema['ProofOut']
export type Entry = Schema['EntryOut']
export type Stream = Schema['StreamOut']

const MOST = 400 // days, more than any period has

/** The days of a stream within a range. */
export const daysQuery = (stream: string, { from, to }: Range) =>
  queryOptions({
    queryKey: ['days', 'range', stream, from, to],
    queryFn: async ({ signal }) =>
      (await take(client.GET('/v1/days', { params: { query: { stream, from, to, limit: MOST } }, signal }))).days,
  })

/** One day with its proof; sums keep every digit. */
export const dayQuery = (stream: string, day: string) =>
  queryOptions({
    queryKey: ['days', 'one', stream, day],
    queryFn: async ({ signal }) => {
      const path = { stream, day }
      const text = await take(client.GET('/v1/days/{stream}/{day}', { params: { path }, parseAs: 'text', signal }))
      return readExact(text) as Proof
    },
  })

/** The streams, as they are declared and stand. */
export const streamsQuery = queryOptions({
  queryKey: ['streams'],
  queryFn: async ({ signal }) => (await take(client.GET('/v1/streams', { signal }))).streams,
})

export type Compliance = Schema['ComplianceOut']

/** How old personal records are, by stream, and what is past its deadline. */
export const complianceQuery = queryOptions({
  queryKey: ['days', 'compliance'],
  queryFn: ({ signal }) => take(client.GET('/v1/compliance', { signal })),
})

/** What goes within so many days, and what cannot be asked any more then. */
export const planQuery = (ahead: number) =>
  queryOptions({
    queryKey: ['days', 'plan', ahead],
    queryFn: ({ signal }) => take(client.GET('/v1/purge', { params: { query: { ahead } }, signal })),
  })

/** Whether rows of a stream in an application's own database are deleted. */
export const switchQuery = (stream: string) =>
  queryOptions({
    queryKey: ['days', 'switch', stream],
    queryFn: ({ signal }) => take(client.GET('/v1/purge/{stream}', { params: { path: { stream } }, signal })),
  })
