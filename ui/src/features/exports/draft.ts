// From the address to what is asked for: which dataset fits, what is filled in, and what is known to be refused.
import type { Metric, Value } from '@/questions/ask'
import { datesOf, daysBetween, daysLater, rangeOf, type Dates, type Here, type Range } from '@/questions/range'
import type { Dataset, Datasets, Filter } from './queries'
import type { Format, OrderSearch } from './search'

type Metrics = ReadonlyMap<string, Metric>

/** By filter its values; of those by people also what never stands in the address. */
export type Where = Readonly<Record<string, readonly Value[]>>

/** Why a range would be refused, and the days that would not be, if there are any. */
export interface Fault {
  readonly why: 'TOO_LONG' | 'NOT_SHOWN' | 'DELETED'
  /** The last day that cannot be had; of a range that is too long the days it has. */
  readonly about: string | number
  readonly instead: Dates | null
}

export interface Draft {
  readonly dataset: Dataset
  readonly range: Range
  readonly dates: Dates
  readonly format: Format
  readonly where: Where
  /** The filters of the address that the dataset does not have. */
  readonly dropped: readonly string[]
  readonly fault: Fault | null
}

const FIRST_RANGE: Range = { preset: 'last_28_days' }

/** Give the datasets that have what the metrics are about: figures of all of them first, then records behind one. */
export function fitting(names: readonly string[], datasets: readonly Dataset[], metrics: Metrics): Dataset[] {
  if (names.length === 0) return []
  const streams = new Set(names.flatMap((name) => metrics.get(name)?.streams ?? []))
  const figures = datasets.filter((one) => one.stream === null && names.every((name) => one.metrics.includes(name)))
  return [...figures, ...datasets.filter(({ stream }) => stream !== null && streams.has(stream))]
}

/** Give what the address asks for; what it leaves open is filled in, as far as there is a dataset at all. */
export function draftOf(
  search: OrderSearch,
  people: Where,
  { told, here, metrics }: { told: Datasets; here: Here; metrics: Metrics },
): Draft | null {
  const named = told.datasets.find(({ name }) => name === search.dataset)
  const dataset = named ?? fitting(search.metrics ?? [], told.datasets, metrics)[0] ?? told.datasets[0]
  if (dataset === undefined) return null
  const chosen = search.range === undefined ? null : rangeOf(search.range)
  const range = chosen ?? firstRange(dataset, here)
  const dates = datesOf(range, here)
  const where = Object.entries(search.where ?? {})
  return {
    dataset,
    range,
    dates,
    format: search.format ?? 'csv',
    where: { ...Object.fromEntries(where.filter(([name]) => dataset.filters.includes(name))), ...people },
    dropped: where.map(([name]) => name).filter((name) => !dataset.filters.includes(name)),
    fault: faultOf(dataset, dates, told.most_days, here),
  }
}

/** Give what the server is asked for. */
export function orderOf({ dataset, dates, format, where }: Draft) {
  const set = dataset.filters.map((name): [string, Value[]] => [name, [...(where[name] ?? [])]])
  const filters = Object.fromEntries(set.filter(([, values]) => values.length > 0))
  return { dataset: dataset.name, format, from: dates.from, to: dates.to, filters }
}

/** Say whether all that is known before asking is right. */
export function isRight({ dataset, where, fault }: Draft): boolean {
  return fault === null && dataset.takes.every((one) => wrongIn(one, where[one.name]) === null)
}

/** Give what is wrong with a filter: values that it does not take, or that it is there without any. */
export function wrongIn(filter: Filter, values: readonly Value[] | undefined): 'BLANK' | readonly string[] | null {
  if (values?.length === 0) return 'BLANK'
  const wrong = wrongValues(filter, values ?? [])
  return wrong.length === 0 ? null : wrong
}

/** Give the values of a filter that it does not take. */
function wrongValues({ kind, options }: Filter, values: readonly Value[]): string[] {
  const fits: Record<Filter['kind'], (value: string) => boolean> = {
    text: () => true,
    subject: () => true,
    choice: (value) => options.includes(value),
    boolean: (value) => value === 'true' || value === 'false',
    integer: (value) => /^(0|-?[1-9]\d{0,17})$/.test(value),
  }
  return values.filter((value): value is string => value !== null && !fits[kind](value))
}

function firstRange(dataset: Dataset, here: Here): Range {
  const dates = datesOf(FIRST_RANGE, here)
  const first = firstDay(dataset)
  return first === null || first <= dates.from || first > dates.to ? FIRST_RANGE : { from: first, to: dates.to }
}

/** The first day that can be had, where there is one. */
function firstDay({ from, purged_to: gone }: Dataset): string | null {
  const days = [from, gone === null ? null : daysLater(gone, 1)].filter((day) => day !== null)
  return days.length === 0 ? null : days.reduce((one, other) => (one > other ? one : other))
}

function faultOf(dataset: Dataset, dates: Dates, most: number, here: Here): Fault | null {
  const { from, purged_to: gone } = dataset
  const first = firstDay(dataset)
  const instead = first !== null && first <= dates.to && first <= here.today ? { from: first, to: dates.to } : null
  if (from !== null && dates.from < from) return { why: 'NOT_SHOWN', about: from, instead }
  if (gone !== null && dates.from <= gone && gone <= dates.to) return { why: 'DELETED', about: gone, instead }
  const days = daysBetween(dates)
  if (days <= most) return null
  return { why: 'TOO_LONG', about: days, instead: { from: daysLater(dates.to, 1 - most), to: dates.to } }
}
