import { describe, expect, test } from 'vitest'
import examples from '../../../tests/questions.json'
import { NO_OPTIONS, type Kind, type Widget, type WidgetQuery } from './document'
import { questionOf, type View } from './question'

const QUERY: WidgetQuery = {
  metrics: ['revenue'],
  by: [],
  where: {},
  grain: null,
  order: null,
  top: null,
  totals: false,
}
const VIEW: View = { dates: { from: '2026-01-01', to: '2026-01-28' }, grain: null, compare: null, filters: [] }
const known = (metric: string) => (metric === 'revenue' ? ['country', 'product'] : [])

function widget(kind: Kind, query: Partial<WidgetQuery> = {}, options = {}): Widget {
  const place = { x: 0, y: 0, w: 6, h: 6 }
  return {
    id: 'w',
    kind,
    title: '',
    about: '',
    place,
    query: { ...QUERY, ...query },
    options: { ...NO_OPTIONS, ...options },
  }
}

interface Example {
  readonly name: string
  readonly kind: string
  readonly query: object
  readonly dashboard: Partial<View>
  readonly asked: object | null
}

// The server reads the same table: tests/engine/test_show.py.
describe('as the server has it', () => {
  const dimensions: Readonly<Record<string, object>> = examples.dimensions
  const dimensionsOf = (metric: string) => Object.keys(dimensions[metric] ?? {})

  test.each(examples.questions as readonly Example[])('$name', ({ kind, query, dashboard, asked }) => {
    const { question } = questionOf(widget(kind as Kind, query), { ...VIEW, ...dashboard }, dimensionsOf)
    if (asked === null) expect(question).toBeNull()
    else expect(question).toMatchObject(asked)
    expect(Object.keys(question?.where ?? {})).toEqual(Object.keys((asked as { where?: object } | null)?.where ?? {}))
  })
})

test('filters that say nothing about a metric are named', () => {
  const view = { ...VIEW, filters: [{ dimension: 'country', values: ['France'] }] }
  expect(questionOf(widget('card', { metrics: ['visits'] }), view, known).unfiltered).toEqual(['country'])
})

test('drilling goes down to a value and splits by the next dimension', () => {
  const drill = { where: { country: ['Spain'] }, by: ['product'] }
  expect(questionOf(widget('bar', { by: ['country'] }), VIEW, known, drill).question).toMatchObject({
    by: ['product'],
    where: { country: ['Spain'] },
    top: 15,
  })
})

test('a card asks for the whole and its course at once', () => {
  expect(questionOf(widget('card'), { ...VIEW, compare: 'previous' }, known).question).toMatchObject({
    totals: true,
    grain: 'day',
    compare: 'previous',
  })
})

test('a comparison of the page leaves split lines alone, unless a widget wants it', () => {
  const view: View = { ...VIEW, compare: 'previous' }
  expect(questionOf(widget('line', { by: ['country'] }), view, known).question?.compare).toBeNull()
  expect(questionOf(widget('line', { by: ['country'] }, { comparison: true }), VIEW, known).question?.compare).toBe(
    'previous',
  )
})
