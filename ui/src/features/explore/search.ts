// What is asked in Explore, as the address has it.
import { KINDS, type Kind } from '@/boards/document'
import type { Value } from '@/questions/ask'
import { GRAINS, rangeOf, type Grain, type Range } from '@/questions/range'

export interface ExploreSearch {
  metrics?: string[] | undefined
  by?: string[] | undefined
  /** A preset, or two dates with two dots between. */
  range?: string | undefined
  grain?: Grain | 'all' | undefined
  where?: Record<string, Value[]> | undefined
  compare?: true | undefined
  top?: number | undefined
  kind?: Kind | undefined
  stack?: Stack | undefined
  explain?: true | undefined
}

export type Stack = 'stacked' | 'normal'

export const MOST_METRICS = 8
export const MOST_SPLITS = 2
const MOST_VALUES = 1_000
const MOST_GROUPS = 1_000
const FIRST_RANGE: Range = { preset: 'last_90_days' }

/** Read the address; what makes no sense is as if it were not there. */
export function readExplore(given: Record<string, unknown>): ExploreSearch {
  const { range, grain, top, kind, stack } = given
  return {
    metrics: namesOf(given['metrics'], MOST_METRICS),
    by: namesOf(given['by'], MOST_SPLITS),
    range: typeof range === 'string' && rangeOf(range) !== null ? range : undefined,
    grain: grain === 'all' || GRAINS.includes(grain as Grain) ? (grain as Grain | 'all') : undefined,
    where: valuesOf(given['where']),
    compare: isTrue(given['compare']),
    top: isCount(top) ? top : undefined,
    kind: KINDS.includes(kind as Kind) && kind !== 'text' ? (kind as Kind) : undefined,
    stack: stack === 'stacked' || stack === 'normal' ? stack : undefined,
    explain: isTrue(given['explain']),
  }
}

/** Give the range that is asked about. */
export function rangeFrom({ range }: ExploreSearch): Range {
  return (range === undefined ? null : rangeOf(range)) ?? FIRST_RANGE
}

/** Give the address with the values of one filter changed; with none at all, the filter is taken away. */
export function withFilter(
  { where }: ExploreSearch,
  dimension: string,
  values: readonly Value[] | null,
): Pick<ExploreSearch, 'where'> {
  const all: Record<string, Value[]> = { ...where }
  const filters = Object.entries(all).filter(([name]) => name !== dimension || values !== null)
  const changed = Object.fromEntries(filters)
  if (values !== null) changed[dimension] = [...values]
  return { where: Object.keys(changed).length === 0 ? undefined : changed }
}

/** Give the filters that have values: the others are offered, not set. */
export function filtersOf({ where }: ExploreSearch): Record<string, readonly Value[]> {
  return Object.fromEntries(Object.entries(where ?? {}).filter(([, values]) => values.length > 0))
}

function namesOf(given: unknown, most: number): string[] | undefined {
  if (!Array.isArray(given)) return undefined
  const names = given.filter((one): one is string => typeof one === 'string')
  return names.length === 0 ? undefined : [...new Set(names)].slice(0, most)
}

function valuesOf(given: unknown): Record<string, Value[]> | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined
  const isValues = (one: unknown): one is Value[] =>
    Array.isArray(one) && one.length <= MOST_VALUES && one.every((value) => value === null || typeof value === 'string')
  const found = Object.entries(given).filter((one): one is [string, Value[]] => isValues(one[1]))
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

function isCount(given: unknown): given is number {
  return typeof given === 'number' && Number.isInteger(given) && given > 0 && given <= MOST_GROUPS
}

function isTrue(given: unknown): true | undefined {
  return given === true ? true : undefined
}
