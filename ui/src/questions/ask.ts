// Asks the server, each question once: whoever asks the same shares the answer.
import { keepPreviousData, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Answer } from '@/answer/answer'
import { readAnswer } from '@/answer/read'
import { client, take, type Schema } from '@/api/client'
import { problemOf } from '@/api/problem'
import { send } from '@/api/send'
import { sessionQuery } from '@/api/session'
import type { Grain } from './range'

export type Value = string | null

export interface Question {
  readonly metrics: readonly string[]
  readonly from: string
  readonly to: string
  readonly by: readonly string[]
  readonly grain: Grain | 'all'
  readonly where: Readonly<Record<string, readonly Value[]>>
  readonly compare: 'previous' | null
  readonly order: string | null
  readonly top: number | null
  readonly totals: boolean
  readonly explain?: boolean
}

/** Give a question as one text that is the same for the same question, in whatever order it was put together. */
export function canonical(question: Question): string {
  const where = Object.entries(question.where)
    .map(([name, values]) => [name, [...values].sort(nullFirst)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const { metrics, from, to, by, grain, compare, order, top, totals, explain = false } = question
  return JSON.stringify([metrics, from, to, by, grain, where, compare, order, top, totals, explain])
}

/** Ask a question, or give what it was answered a moment ago. */
export function answerQuery(question: Question) {
  return queryOptions({
    queryKey: ['answer', canonical(question)],
    queryFn: ({ signal }): Promise<Answer> => ask(question, signal),
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  })
}

/** Ask a question; the figures of its answer keep every digit. */
export async function ask(question: Question, signal?: AbortSignal): Promise<Answer> {
  const text = await take(
    client.POST('/v1/query', { body: plain(question), parseAs: 'text', ...(signal && { signal }) }),
  )
  return readAnswer(text)
}

export type FileFormat = Schema['NewFile']['format'] & string

/** Give a question's answer as a file. */
export async function askFile(question: Question, format: FileFormat, title: string): Promise<Blob> {
  const response = await send('/v1/query/file', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: plain(question), format, title }),
  })
  if (!response.ok) throw await problemOf(response)
  return response.blob()
}

/** The metrics there are to ask for, and the measures that there are to make others of. */
export const catalogQuery = queryOptions({
  queryKey: ['metrics'],
  queryFn: ({ signal }) => take(client.GET('/v1/metrics', { signal })),
  staleTime: 300_000,
})

export type Catalog = Schema['MetricsOut']
export type Metric = Schema['MetricOut']
export type Measure = Schema['MeasureOut']

/** Give the metrics by name; none before they are there, and none for strangers. */
export function useMetrics(): ReadonlyMap<string, Metric> {
  const isInside = useQueryClient().getQueryData(sessionQuery.queryKey) !== undefined
  return useQuery({ ...catalogQuery, select: byName, enabled: isInside }).data ?? NONE
}

/** Whether it is known what there is to ask for, or that it cannot be; before that, filters would be put wrongly. */
export function useCatalogRead(): boolean {
  const { data, failureCount } = useQuery(catalogQuery)
  return data !== undefined || failureCount > 0
}

const NONE: ReadonlyMap<string, Metric> = new Map()

/** Give the metrics of a catalog by name. */
export function byName({ metrics }: Catalog): ReadonlyMap<string, Metric> {
  return new Map(metrics.map((one) => [one.name, one]))
}

/** Give a question as the server reads it. */
export function plain({ metrics, by, where, ...rest }: Question) {
  const lists = Object.fromEntries(Object.entries(where).map(([name, values]) => [name, [...values]]))
  return { ...rest, metrics: [...metrics], by: [...by], where: lists }
}

function nullFirst(a: Value, b: Value): number {
  return (a ?? '') < (b ?? '') ? -1 : 1
}
