import { expect, test } from 'vitest'
import { facts, headline, stretches } from './labels'
import { LABELS } from './testing'

test('an exact, final and complete answer has nothing to shout', () => {
  expect(headline(LABELS)).toBeNull()
  expect(facts(LABELS).map((fact) => fact.code)).toEqual(['COMPLETE', 'FINAL', 'EXACT'])
})

test('missing days come before all else, in stretches', () => {
  const labels = {
    ...LABELS,
    final: false,
    coverage: { days: 27, missing: ['2026-02-01', '2026-01-31', '2026-02-05'] },
  }
  expect(headline(labels)).toEqual({
    code: 'MISSING',
    tone: 'warning',
    days: 3,
    stretches: [
      { from: '2026-01-31', to: '2026-02-01' },
      { from: '2026-02-05', to: '2026-02-05' },
    ],
  })
})

test('an estimate says how far off it may be, metric by metric', () => {
  const labels = { ...LABELS, exact: false, error: { customers: 0.05 } }
  expect(headline(labels)).toEqual({ code: 'ESTIMATE', tone: 'quiet', metric: 'customers', error: 0.05 })
})

test('an estimate without a bound says that it has none', () => {
  expect(headline({ ...LABELS, exact: false })).toMatchObject({ code: 'ESTIMATE', error: null })
})

test('hidden groups stand before what is provisional, and lost records before both', () => {
  const labels = { ...LABELS, final: false, suppressed: true }
  expect(headline(labels)?.code).toBe('HIDDEN')
  expect(headline({ ...labels, notes: ['RECORDS_LOST'] })).toMatchObject({ code: 'NOTE', note: 'RECORDS_LOST' })
})

test('a remark about the period before says nothing against this one', () => {
  expect(headline({ ...LABELS, notes: ['PREVIOUS_INCOMPLETE', 'NOT_GUARDED'] })).toBeNull()
})

test('a month without days is one stretch', () => {
  const days = Array.from({ length: 28 }, (_, i) => `2026-02-${String(i + 1).padStart(2, '0')}`)
  expect(stretches(days)).toEqual([{ from: '2026-02-01', to: '2026-02-28' }])
})
