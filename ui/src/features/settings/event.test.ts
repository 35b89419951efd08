import { expect, test } from 'vitest'
import { told } from './event'

test('an event tells what it is about, people by name, and leaves out what is not there', () => {
  const about = { person: 'P1', roles: ['viewer', 'analyst'], streams: null, sessions: 2, everywhere: false }
  expect(told(about, new Map([['P1', 'Ann']]))).toEqual([
    { name: 'person', value: 'Ann' },
    { name: 'roles', value: 'viewer, analyst' },
    { name: 'sessions', value: '2' },
    { name: 'everywhere', value: 'false' },
  ])
})
