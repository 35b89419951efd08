// What is to be exported, as the address has it.
import type { Value } from '@/questions/ask'
import { rangeOf } from '@/questions/range'

export const FORMATS = ['csv', 'xlsx', 'json', 'parquet'] as const
export type Format = (typeof FORMATS)[number]

export interface OrderSearch {
  dataset?: string | undefined
  /** A preset, or two dates with two dots between. */
  range?: string | undefined
  /** By filter its values. By people there are none: who they are stands in no address. */
  where?: Record<string, Value[]> | undefined
  format?: Format | undefined
  /** The metrics that somebody looked at when they asked for this. */
  metrics?: string[] | undefined
}

/** Read the address; what makes no sense is as if it were not there. */
export function readOrder(given: Record<string, unknown>): OrderSearch {
  const { dataset, range, format, metrics } = given
  return {
    dataset: typeof dataset === 'string' ? dataset : undefined,
    range: typeof range === 'string' && rangeOf(range) !== null ? range : undefined,
    where: whereOf(given['where']),
    format: FORMATS.find((one) => one === format),
    metrics: Array.isArray(metrics) && metrics.length > 0 && metrics.every(isText) ? metrics : undefined,
  }
}

/** Give the address with the values of one filter changed; a filter without any is taken away. */
export function withValues({ where }: OrderSearch, name: string, values: readonly Value[]): OrderSearch {
  const others = Object.entries(where ?? {}).filter(([other]) => other !== name)
  const changed: [string, Value[]][] = values.length === 0 ? others : [...others, [name, [...values]]]
  return { where: changed.length === 0 ? undefined : Object.fromEntries(changed) }
}

function whereOf(given: unknown): Record<string, Value[]> | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined
  const isValues = (one: unknown): one is Value[] =>
    Array.isArray(one) && one.every((value) => value === null || isText(value))
  const found = Object.entries(given).filter((one): one is [string, Value[]] => isValues(one[1]))
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
