import type { Export } from './queries'
import { FORMATS, type OrderSearch } from './search'

/** Give the address of a new export that asks for the same; a filter by people comes without whom. */
export function againOf({ dataset, from, to, filters, format }: Export): OrderSearch {
  const where = Object.entries(filters).map(
    ([name, values]) => [name, values.map((value) => (value === null ? null : String(value)))] as const,
  )
  return {
    dataset,
    range: `${from}..${to}`,
    where: where.length === 0 ? undefined : Object.fromEntries(where),
    format: FORMATS.find((one) => one === format),
  }
}
