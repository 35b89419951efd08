import { expect, test } from 'vitest'
import { errorOf } from './coded'

test("an error's code stands apart from its message, and a message without one is whole", () => {
  expect(errorOf('DAYS_HELD: 1 day cannot be sealed; list the days.')).toEqual({
    code: 'DAYS_HELD',
    message: '1 day cannot be sealed; list the days.',
  })
  expect(errorOf('Something: else')).toEqual({ code: null, message: 'Something: else' })
  expect(errorOf(null)).toBe(null)
})
