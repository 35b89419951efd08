// What the pages of exports ask the server.
import { queryOptions } from '@tanstack/react-query'
import { client, take, type Schema } from '@/api/client'

export type Export = Schema['ExportOut']
export type Dataset = Schema['DatasetOut']
export type Datasets = Schema['DatasetsOut']
export type Filter = Schema['FilterOut']

const BUSY = 1_000 // ms between two looks while a file is being made
const QUIET = 20_000

const isMade = ({ state }: Export) => state !== 'preparing'

/** The newest exports; looked at more often while one is being made. */
export const exportsQuery = queryOptions({
  queryKey: ['exports'],
  queryFn: async ({ signal }) => (await take(client.GET('/v1/exports', { signal }))).exports,
  refetchInterval: ({ state }) => (state.data?.every(isMade) === false ? BUSY : QUIET),
})

/** One export, looked at until it is made or failed, and now and then after, for its link ends. */
export const exportQuery = (id: string) =>
  queryOptions({
    queryKey: ['exports', id],
    queryFn: ({ signal }) => take(client.GET('/v1/exports/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data && !isMade(state.data) ? BUSY : QUIET),
  })

/** What the person may export, and how much of it at once. */
export const datasetsQuery = queryOptions({
  queryKey: ['datasets'],
  queryFn: ({ signal }) => take(client.GET('/v1/datasets', { signal })),
})
