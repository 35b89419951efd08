// What somebody sees of a dashboard, as the address has it: what is not in it is as the dashboard says.
import type { Document, Filter } from '@/boards/document'
import type { Drill, View } from '@/boards/question'
import type { Value } from '@/questions/ask'
import { datesOf, GRAINS, rangeOf, type Grain, type Here, type Range } from '@/questions/range'

export interface BoardSearch {
  /** A preset, or two dates with two dots between. */
  range?: string | undefined
  grain?: Grain | 'auto' | undefined
  compare?: 'previous' | 'none' | undefined
  filter?: Record<string, Value[]> | undefined
  drill?: Record<string, Drill> | undefined
  /** The widgets whose data are shown in place of their charts. */
  tables?: string[] | undefined
  /** The names of legends that are switched off, by widget. */
  off?: Record<string, string[]> | undefined
  live?: boolean | undefined
  full?: boolean | undefined
}

const MOST_VALUES = 1_000

/** Read the address; what makes no sense is as if it were not there. */
export function readSearch(given: Record<string, unknown>): BoardSearch {
  const { range, grain, compare } = given
  return {
    range: typeof range === 'string' && rangeOf(range) !== null ? range : undefined,
    grain: grain === 'auto' || GRAINS.includes(grain as Grain) ? (grain as Grain | 'auto') : undefined,
    compare: compare === 'previous' || compare === 'none' ? compare : undefined,
    filter: listsOf(given['filter']),
    drill: drillsOf(given['drill']),
    tables: textsOf(given['tables']),
    off: namesOf(given['off']),
    live: typeof given['live'] === 'boolean' ? given['live'] : undefined,
    full: given['full'] === true ? true : undefined,
  }
}

/** What of a dashboard says over what its widgets are shown. */
export type Scope = Pick<Document, 'range' | 'grain' | 'compare' | 'filters'>

/** Give the range that is shown. */
export function shownRange(document: Pick<Document, 'range'>, search: BoardSearch): Range {
  return (search.range === undefined ? null : rangeOf(search.range)) ?? document.range
}

/** Give the filters that are shown: those of the dashboard with the address's values, and those only the address has. */
export function shownFilters(document: Pick<Document, 'filters'>, search: BoardSearch): Filter[] {
  const set = search.filter ?? {}
  const own = document.filters.map(({ dimension, values }) => ({ dimension, values: set[dimension] ?? values }))
  const offered = new Set(own.map(({ dimension }) => dimension))
  const added = Object.entries(set).filter(([dimension]) => !offered.has(dimension))
  return [...own, ...added.map(([dimension, values]) => ({ dimension, values }))]
}

/** Give what every widget is shown over. */
export function viewOf(document: Scope, search: BoardSearch, here: Here): View {
  return {
    dates: datesOf(shownRange(document, search), here),
    grain: search.grain === undefined ? document.grain : search.grain === 'auto' ? null : search.grain,
    compare: search.compare === undefined ? document.compare : search.compare === 'previous' ? 'previous' : null,
    filters: shownFilters(document, search),
  }
}

/** Whether a stream brings the answers: as the address says, else as the dashboard is refreshed. */
export function isShownLive({ refresh }: Document, { live }: BoardSearch): boolean {
  return live ?? refresh === 'live'
}

/** Give the address with one filter's values changed; the dashboard's own come back when they are taken away. */
export function withFilter(search: BoardSearch, dimension: string, values: readonly Value[] | null): BoardSearch {
  const others = Object.fromEntries(Object.entries(search.filter ?? {}).filter(([name]) => name !== dimension))
  const filter = values === null ? others : { ...others, [dimension]: [...values] }
  return { ...search, filter: Object.keys(filter).length === 0 ? undefined : filter }
}

/** Give the address with somebody gone down in one widget, or back up. */
export function withDrill(search: BoardSearch, widget: string, drill: Drill | null): BoardSearch {
  const others = Object.fromEntries(Object.entries(search.drill ?? {}).filter(([id]) => id !== widget))
  const all = drill === null ? others : { ...others, [widget]: drill }
  return { ...search, drill: Object.keys(all).length === 0 ? undefined : all }
}

/** Give the address with one widget's data in place of its chart, or its chart again. */
export function withTable(search: BoardSearch, widget: string, isTable: boolean): BoardSearch {
  const others = (search.tables ?? []).filter((id) => id !== widget)
  const all = isTable ? [...others, widget] : others
  return { ...search, tables: all.length === 0 ? undefined : all }
}

/** Give the address with these names of one widget's legend switched off. */
export function withOff(search: BoardSearch, widget: string, names: readonly string[]): BoardSearch {
  const others = Object.fromEntries(Object.entries(search.off ?? {}).filter(([id]) => id !== widget))
  const all = names.length === 0 ? others : { ...others, [widget]: [...names] }
  return { ...search, off: Object.keys(all).length === 0 ? undefined : all }
}

/** Whether the address shows something else than the dashboard does by itself. */
export function isChanged({ range, grain, compare, filter, drill, tables, off }: BoardSearch): boolean {
  return [range, grain, compare, filter, drill, tables, off].some((one) => one !== undefined)
}

function listsOf(given: unknown): Record<string, Value[]> | undefined {
  if (!isObject(given)) return undefined
  const lists = Object.entries(given).filter((one): one is [string, Value[]] => isValues(one[1]))
  return lists.length === 0 ? undefined : Object.fromEntries(lists)
}

function drillsOf(given: unknown): Record<string, Drill> | undefined {
  if (!isObject(given)) return undefined
  const drills = Object.entries(given).flatMap(([id, drill]) => {
    if (!isObject(drill)) return []
    const by = drill['by']
    const isWhole = Array.isArray(by) && by.length <= 2 && by.every((one) => typeof one === 'string')
    return isWhole ? [[id, { where: listsOf(drill['where']) ?? {}, by: by }] as const] : []
  })
  return drills.length === 0 ? undefined : Object.fromEntries(drills)
}

function namesOf(given: unknown): Record<string, string[]> | undefined {
  if (!isObject(given)) return undefined
  const found = Object.entries(given).flatMap(([id, names]) => {
    const texts = textsOf(names)
    return texts === undefined ? [] : [[id, texts] as const]
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

function textsOf(given: unknown): string[] | undefined {
  if (!Array.isArray(given)) return undefined
  const texts = given.filter((one) => typeof one === 'string').slice(0, MOST_VALUES)
  return texts.length === 0 ? undefined : texts
}

function isValues(given: unknown): given is Value[] {
  return (
    Array.isArray(given) && given.length <= MOST_VALUES && given.every((one) => one === null || typeof one === 'string')
  )
}

function isObject(given: unknown): given is Record<string, unknown> {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}
