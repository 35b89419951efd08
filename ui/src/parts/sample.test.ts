import { expect, test } from 'vitest'
import { curlFor, pythonFor, sampleOf } from './sample'

const field = (name: string, kind: string, sensitivity = 'public', choices: string[] | null = null) => ({
  name,
  kind,
  sensitivity,
  choices,
})
const STREAM = {
  name: 'orders',
  time: 'at',
  key: 'id',
  subject: 'customer',
  fields: [
    field('state', 'choice', 'public', ["it's paid", 'open']),
    field('total', 'money'),
    field('gift', 'boolean'),
    field('pin', 'text', 'secret'),
  ],
}
const NOW = '2026-02-01T09:00:00Z'

test('a sample has what a record needs, a value for each field, and no secrets', () => {
  expect(sampleOf(STREAM, false, NOW)).toEqual({
    id: 'orders-1',
    at: NOW,
    customer: 'person-1',
    state: "it's paid",
    total: '9.99',
    gift: true,
  })
  expect(sampleOf(STREAM, true, NOW)['at']).toBe('2026-02-01')
})

test('an apostrophe does not end the text that the shell reads', () => {
  expect(curlFor('http://x/records', { state: "it's paid" })).toContain(String.raw`"it'\''s paid"`)
})

test('Python gets its own words for yes and no', () => {
  expect(pythonFor('http://x', { gift: true, n: 1 })).toContain('    "gift": True,\n    "n": 1,')
})
