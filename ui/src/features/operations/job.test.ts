import { expect, test } from 'vitest'
import { errorOf, lasted } from './job'

test("an error's code stands apart from its message, and a message without one is whole", () => {
  expect(errorOf('DAYS_HELD: 1 day cannot be sealed; list the days.')).toEqual({
    code: 'DAYS_HELD',
    message: '1 day cannot be sealed; list the days.',
  })
  expect(errorOf('Something: else')).toEqual({ code: null, message: 'Something: else' })
  expect(errorOf(null)).toBe(null)
})

test.each([
  [0.44, '0.4 sec'],
  [59.7, '1 min'],
  [200, '3 min 20 sec'],
  [7_500, '2 hr 5 min'],
])('%s seconds are told as %s', (seconds, told) => {
  expect(lasted(seconds, 'en-US')).toBe(told)
})
