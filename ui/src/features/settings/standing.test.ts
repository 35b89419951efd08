import { expect, test } from 'vitest'
import { standingOf } from './standing'

const NOW = '2026-02-01T09:00:00Z'

test.each([
  [{ until: null, revoked_at: null }, 'works'],
  [{ until: '2026-02-01T09:00:01Z', revoked_at: null }, 'works'],
  [{ until: '2026-02-01T09:00:00Z', revoked_at: null }, 'ended'],
  [{ until: '2027-01-01T00:00:00Z', revoked_at: '2026-01-31T00:00:00Z' }, 'revoked'],
])('a token with %j %s', (token, standing) => {
  expect(standingOf(token, NOW)).toBe(standing)
})
