import { expect, test } from 'vitest'
import { lasted } from './job'

test.each([
  [0.44, '0.4 sec'],
  [59.7, '1 min'],
  [200, '3 min 20 sec'],
  [7_500, '2 hr 5 min'],
])('%s seconds are told as %s', (seconds, told) => {
  expect(lasted(seconds, 'en-US')).toBe(told)
})
