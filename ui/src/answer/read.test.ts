import { expect, test } from 'vitest'
import { readAnswer, readLiveAnswer } from './read'

const LABELS =
  '{"exact":true,"final":true,"coverage":{"days":3,"missing":[]},"suppressed":false,"guarded":false,"basis":"origin","sources":{"rollup":3},"error":{"users":0.05},"notes":[]}'

function text(rows: string, totals = 'null'): string {
  return `{"columns":[{"name":"country","kind":"dimension","unit":"","scale":0},{"name":"revenue","kind":"metric","unit":"GBP","scale":2}],"rows":${rows},"totals":${totals},"labels":${LABELS},"explain":null}`
}

test('a figure keeps digits that no floating-point number has', () => {
  const answer = readAnswer(text('[["France",12345678901234567890.12]]', '[null,0.10]'))
  expect(answer.rows).toEqual([['France', '12345678901234567890.12']])
  expect(answer.totals).toEqual([null, '0.10'])
})

test('texts that look like numbers, or hold quotes, stay what they are', () => {
  const answer = readAnswer(text('[["say \\"12\\" 3",-1],["7",null],["back\\\\",2]]'))
  expect(answer.rows).toEqual([
    ['say "12" 3', '-1'],
    ['7', null],
    ['back\\', '2'],
  ])
})

test('labels and columns keep their numbers', () => {
  const answer = readAnswer(text('[]'))
  expect(answer.labels.error).toEqual({ users: 0.05 })
  expect(answer.labels.coverage.days).toBe(3)
  expect(answer.columns[1]?.scale).toBe(2)
})

test('a live event says which question it answers', () => {
  const event = readLiveAnswer(`{"index": 4, "answer": ${text('[["France",1.50]]')}}`)
  expect(event.index).toBe(4)
  expect(event.answer.rows).toEqual([['France', '1.50']])
})
