// Metrics that people made: the list, checks while one is written, a try before it is kept.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Answer } from '@/answer/answer'
import { readAnswer } from '@/answer/read'
import { client, take, type Schema } from '@/api/client'
import { plain, type Question } from '@/questions/ask'
import type { Dates } from '@/questions/range'
import { OWN } from '../metrics'

export type Custom = Schema['CustomOut']
export type Written = Required<Schema['Written']>
export type Direction = Custom['direction']

/** What a formula's figure is called that is not kept yet. */
export const PREVIEWED = 'own_preview'

/** The metrics that people made. */
export const customsQuery = queryOptions({
  queryKey: ['metrics', 'custom'],
  queryFn: async ({ signal }) => (await take(client.GET('/v1/metrics/custom', { signal }))).metrics,
})

/** What a formula comes to, or what is wrong with it. */
export function checkQuery(formula: string, unit: string) {
  return queryOptions({
    queryKey: ['metrics', 'check', formula, unit],
    queryFn: ({ signal }) => take(client.POST('/v1/metrics/check', { signal, body: { formula, unit } })),
    placeholderData: keepPreviousData,
  })
}

/** What a formula gives day by day. */
export function previewQuery(given: Pick<Written, 'formula' | 'unit' | 'decimals'>, dates: Dates) {
  const question: Question = {
    metrics: [PREVIEWED],
    ...dates,
    by: [],
    grain: 'day',
    where: {},
    compare: null,
    order: null,
    top: null,
    totals: true,
  }
  return queryOptions({
    queryKey: ['metrics', 'preview', given, dates],
    queryFn: async ({ signal }): Promise<Answer> => {
      const body = { ...given, query: plain(question) }
      return readAnswer(await take(client.POST('/v1/metrics/preview', { signal, body, parseAs: 'text' })))
    },
    placeholderData: keepPreviousData,
  })
}

/** Keep a new metric. */
export async function make(written: Written): Promise<Custom> {
  return take(client.POST('/v1/metrics/custom', { body: written }))
}

/** Keep the next version of a metric, made of `version`. */
export async function change({ name, ...written }: Written, version: number): Promise<Custom> {
  const path = { name: OWN + name }
  return take(client.PUT('/v1/metrics/custom/{name}', { params: { path }, body: { version, ...written } }))
}

/** Delete a metric that no dashboard asks for. */
export async function remove(name: string): Promise<void> {
  await client.DELETE('/v1/metrics/custom/{name}', { params: { path: { name } } })
}
