// A metric on its way to be kept: what the form holds.
import type { Custom, Written } from './queries'
import { OWN } from '../metrics'

export const NEW: Written = { name: '', formula: '', unit: '', about: '', direction: 'up', decimals: 2 }

/** Give what the form holds of a metric that is kept; its name without what all of them begin with. */
export function draftOf({ name, formula, unit, about, direction, decimals }: Custom): Written {
  return { name: plainName(name), formula, unit, about, direction, decimals }
}

/** Give a name as somebody types it: small letters, digits and low lines. */
export function typedName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
    .replace(/[^a-z0-9_]/g, '')
    .replace(/^[^a-z]+/, '')
    .slice(0, 36)
}

/** Give a name without what the names of all metrics begin with that people made. */
export function plainName(name: string): string {
  return name.startsWith(OWN) ? name.slice(OWN.length) : name
}
