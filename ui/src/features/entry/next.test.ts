// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { within } from './next'

describe('where signing in leads', () => {
  it('goes on to the page that was asked for, with its state', () => {
    expect(within('/days/orders?year=2026#top')).toBe('/days/orders?year=2026#top')
  })

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', undefined])(
    'never leaves this server: %s',
    (next) => {
      expect(within(next)).toBe('/')
    },
  )
})
