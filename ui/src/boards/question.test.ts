import { describe, expect, test } from 'vitest'
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

describe('the grain', () => {
  test('is that of the page, or what suits the range', () => {
    expect(questionOf(widget('line'), VIEW, known).question?.grain).toBe('day')
    expect(questionOf(widget('line'), { ...VIEW, grain: 'week' }, known).question?.grain).toBe('week')
  })

  test('of a widget of its own stays', () => {
    expect(questionOf(widget('bar', { grain: 'all', by: ['country'] }), VIEW, known).question?.grain).toBe('all')
  })

  test('is none where time is not shown', () => {
    expect(questionOf(widget('pie', { by: ['country'], grain: 'day' }), VIEW, known).question?.grain).toBe('all')
  })
})

describe('filters', () => {
  test('of the page narrow the ones of the widget', () => {
    const own = widget('line', { where: { country: ['Spain', 'France'] } })
    const view = { ...VIEW, filters: [{ dimension: 'country', values: ['France', 'Japan'] }] }
    expect(questionOf(own, view, known).question?.where).toEqual({ country: ['France'] })
  })

  test('that leave nothing ask nothing', () => {
    const own = widget('line', { where: { country: ['Spain'] } })
    const view = { ...VIEW, filters: [{ dimension: 'country', values: ['France'] }] }
    expect(questionOf(own, view, known).question).toBeNull()
  })

  test('that say nothing about a metric are left out, and named', () => {
    const view = { ...VIEW, filters: [{ dimension: 'country', values: ['France'] }] }
    const asked = questionOf(widget('card', { metrics: ['visits'] }), view, known)
    expect([asked.question?.where, asked.unfiltered]).toEqual([{}, ['country']])
  })

  test('of a widget that are not set yet do nothing', () => {
    expect(questionOf(widget('line', { where: { country: [] } }), VIEW, known).question?.where).toEqual({})
  })

  test('that are offered but not set do nothing', () => {
    const view = { ...VIEW, filters: [{ dimension: 'country', values: [] }] }
    expect(questionOf(widget('line'), view, known).question?.where).toEqual({})
  })
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
