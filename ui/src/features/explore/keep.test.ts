// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { emptyDocument, NO_OPTIONS, type Widget } from '@/boards/document'
import { withWidget } from './keep'

const LINE: Widget = {
  id: 'explored',
  kind: 'line',
  title: 'Revenue',
  about: '',
  place: { x: 0, y: 0, w: 6, h: 6 },
  query: { metrics: ['revenue'], by: [], where: {}, grain: null, order: null, top: null, totals: false },
  options: NO_OPTIONS,
}

test('a widget stands where there is room, under a name that nothing else has', () => {
  const one = withWidget(emptyDocument('Sales', 300), LINE)
  const two = withWidget({ ...one, widgets: one.widgets.map((widget) => ({ ...widget, id: 'line-2' })) }, LINE)
  expect(two.widgets.map(({ id, place }) => [id, place.x, place.y])).toEqual([
    ['line-2', 0, 0],
    ['line-3', 6, 0],
  ])
})
