/** What an answer says of itself, as a list of facts that the texts put into plain words, the gravest first. */
import type { Labels } from './answer'

export type Tone = 'good' | 'quiet' | 'notice' | 'warning'

export type Fact =
  | {
      readonly code: 'EXACT' | 'FINAL' | 'PROVISIONAL' | 'COMPLETE' | 'HIDDEN' | 'GUARDED' | 'BOOKED'
      readonly tone: Tone
    }
  | { readonly code: 'ESTIMATE'; readonly tone: Tone; readonly metric: string; readonly error: number | null }
  | { readonly code: 'MISSING'; readonly tone: Tone; readonly days: number; readonly stretches: readonly Stretch[] }
  | { readonly code: 'NOTE'; readonly tone: Tone; readonly note: string }

export interface Stretch {
  readonly from: string
  readonly to: string
}

const ORDER: readonly Tone[] = ['warning', 'notice', 'quiet', 'good']
const GRAVE = new Set(['RECORDS_LOST', 'DAY_DAMAGED'])
// What says nothing against the figures themselves.
const ASIDE = new Set(['NOT_GUARDED', 'PREVIOUS_INCOMPLETE', 'NOT_ADDED'])

/** Give every fact of an answer's labels. */
export function facts(labels: Labels): Fact[] {
  const found: Fact[] = [
    ...missing(labels),
    ...labels.notes.map((note): Fact => ({ code: 'NOTE', tone: toneOf(note), note })),
    ...(labels.suppressed ? [{ code: 'HIDDEN', tone: 'notice' } as const] : []),
    ...(labels.guarded ? [{ code: 'GUARDED', tone: 'quiet' } as const] : []),
    labels.final ? { code: 'FINAL', tone: 'good' } : { code: 'PROVISIONAL', tone: 'quiet' },
    ...exactness(labels),
    ...(labels.basis === 'booked' ? [{ code: 'BOOKED', tone: 'quiet' } as const] : []),
  ]
  return found.sort((a, b) => ORDER.indexOf(a.tone) - ORDER.indexOf(b.tone))
}

/** Give the one fact that a badge shows; nothing if all is exact, final and complete. */
export function headline(labels: Labels): Fact | null {
  const first = facts(labels)[0]
  return first === undefined || first.tone === 'good' ? null : first
}

/** Give days in order as stretches of consecutive ones. */
export function stretches(days: readonly string[]): Stretch[] {
  const found: Stretch[] = []
  for (const day of [...days].sort()) {
    const last = found.at(-1)
    if (last !== undefined && dayAfter(last.to) === day) found[found.length - 1] = { from: last.from, to: day }
    else found.push({ from: day, to: day })
  }
  return found
}

function missing({ coverage }: Labels): Fact[] {
  if (coverage.missing.length === 0) return [{ code: 'COMPLETE', tone: 'good' }]
  return [{ code: 'MISSING', tone: 'warning', days: coverage.missing.length, stretches: stretches(coverage.missing) }]
}

function exactness({ exact, error }: Labels): Fact[] {
  if (exact) return [{ code: 'EXACT', tone: 'good' }]
  const bounds = Object.entries(error)
  if (bounds.length === 0) return [{ code: 'ESTIMATE', tone: 'quiet', metric: '', error: null }]
  return bounds.map(([metric, bound]) => ({ code: 'ESTIMATE', tone: 'quiet', metric, error: bound }))
}

function toneOf(note: string): Tone {
  if (GRAVE.has(note)) return 'warning'
  return ASIDE.has(note) ? 'good' : 'notice'
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}
