import { describe, expect, it } from 'vitest'
import { makeFormats } from './format'

const english = makeFormats('en', 'Europe/London')
const german = makeFormats('de', 'Europe/Berlin')

describe('formats', () => {
  it('writes a local date as the same day in every zone', () => {
    expect(english.date('2026-11-21')).toBe('21 November 2026')
    expect(german.date('2026-11-21')).toBe('21. November 2026')
    expect(makeFormats('en', 'Pacific/Kiritimati').date('2026-11-21')).toBe('21 November 2026')
  })

  it('tells an instant in the zone that it is given', () => {
    expect(english.dateTime('2026-07-01T12:00:00Z')).toContain('13:00')
    expect(german.dateTime('2026-07-01T12:00:00Z')).toContain('14:00')
  })

  it('says how long ago something was in the largest unit that fits', () => {
    const now = '2026-11-21T12:00:00Z'
    expect(english.relative('2026-11-21T11:57:00Z', now)).toBe('3 minutes ago')
    expect(english.relative('2026-11-23T12:00:00Z', now)).toBe('in 2 days')
    expect(german.relative('2026-11-20T12:00:00Z', now)).toBe('gestern')
  })

  it('counts and measures as the language does', () => {
    expect(english.count(12345678901234567890n)).toBe('12,345,678,901,234,567,890')
    expect(german.count(12345)).toBe('12.345')
    expect(english.bytes(0)).toBe('0 byte')
    expect(english.bytes(4_200_000)).toBe('4.2 MB')
    expect(german.list(['a', 'b', 'c'])).toBe('a, b und c')
  })
})
