// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { canonical, type Question } from './ask'
import { eventsOf } from './events'

const QUESTION: Question = {
  metrics: ['revenue'],
  from: '2026-01-01',
  to: '2026-01-31',
  by: ['country'],
  grain: 'day',
  where: { country: ['Spain', 'France'], product: [null, 'tea'] },
  compare: null,
  order: null,
  top: 5,
  totals: false,
}

test('the same question is the same, in whatever order its filters were set', () => {
  const other = { ...QUESTION, where: { product: ['tea', null], country: ['France', 'Spain'] } }
  expect(canonical(other)).toBe(canonical(QUESTION))
})

test('what asks for other figures is another question', () => {
  const others = [
    { grain: 'week' },
    { where: {} },
    { metrics: ['lines'] },
    { compare: 'previous' },
    { top: 6 },
    { totals: true },
  ]
  for (const other of others) expect(canonical({ ...QUESTION, ...other } as Question)).not.toBe(canonical(QUESTION))
})

test('events are read as they come, in whatever pieces', () => {
  const first = eventsOf('event: answer\ndata: {"a":1}\n\n: still here\n\nevent: ans')
  expect(first.events).toEqual([{ name: 'answer', data: '{"a":1}' }])
  expect(eventsOf(`${first.rest}wer\r\ndata: 2\r\n\r\n`).events).toEqual([{ name: 'answer', data: '2' }])
})
