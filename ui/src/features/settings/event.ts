/** Gives what an event is about as names and texts; ids of people and tokens that are known are told by name. */
export function told(
  about: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<string, string>,
): { name: string; value: string }[] {
  return Object.entries(about)
    .map(([name, value]) => ({ name, value: written(value, names) }))
    .filter(({ value }) => value !== '')
}

function written(value: unknown, names: ReadonlyMap<string, string>): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map((one) => written(one, names)).join(', ')
  if (typeof value === 'string') return names.get(value) ?? value
  return JSON.stringify(value)
}
