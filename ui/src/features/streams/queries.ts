// What the pages of streams ask the server.
import { queryOptions } from '@tanstack/react-query'
import { client, take, type Schema } from '@/api/client'

export type Stream = Schema['StreamOut']
export type StreamDetail = Schema['StreamDetailOut']

export { streamsQuery } from '@/api/streams'

/** One stream with its fields, how much comes in, and what is refused. */
export const streamQuery = (stream: string) =>
  queryOptions({
    queryKey: ['streams', stream],
    queryFn: ({ signal }) => take(client.GET('/v1/streams/{stream}', { params: { path: { stream } }, signal })),
  })
