import { expect, test } from 'vitest'
import { emptyDocument, NO_OPTIONS, type Widget } from '@/boards/document'
import { edited, freeId, isSameBeside, opened, type Editing, type Step } from './editing'

function widget(id: string, kind: Widget['kind'] = 'line'): Omit<Widget, 'place'> {
  return { id, kind, title: id, about: '', query: null, options: NO_OPTIONS }
}

function after(...steps: Step[]): Editing {
  return steps.reduce(edited, opened(emptyDocument('Sales', 300)))
}

function places({ now }: Editing) {
  return Object.fromEntries(now.widgets.map(({ id, place }) => [id, [place.x, place.y, place.w, place.h]]))
}

const TWO: Step[] = [
  { type: 'add', widget: widget('a') },
  { type: 'add', widget: widget('b') },
]

test('new widgets stand side by side, then below', () => {
  expect(places(after(...TWO, { type: 'add', widget: widget('c') }))).toEqual({
    a: [0, 0, 6, 6],
    b: [6, 0, 6, 6],
    c: [0, 6, 6, 6],
  })
})

test('undo takes back one edit after the other, redo brings them again', () => {
  const state = after(...TWO, { type: 'remove', id: 'a' }, { type: 'undo' }, { type: 'undo' })
  expect(Object.keys(places(state))).toEqual(['a'])
  expect(
    Object.keys(
      places([{ type: 'redo' }, { type: 'redo' }].reduce<Editing>((s, step) => edited(s, step as Step), state)),
    ),
  ).toEqual(['b'])
})

test('a new edit forgets what was undone', () => {
  const state = after(...TWO, { type: 'undo' }, { type: 'settings', settings: { title: 'Costs' } }, { type: 'redo' })
  expect([state.now.title, Object.keys(places(state))]).toEqual(['Costs', ['a']])
})

test('an edit that changes nothing leaves nothing to undo', () => {
  const state = after(...TWO)
  expect(edited(state, { type: 'nudge', id: 'a', by: { x: -1 } })).toBe(state)
  expect(edited(state, { type: 'arrange', places: {} })).toBe(state)
  expect(edited(state, { type: 'remove', id: 'unknown' })).toBe(state)
})

test('an arrow moves a widget by a column, and shift with an arrow makes it wider', () => {
  const moved = after({ type: 'add', widget: widget('a') }, { type: 'nudge', id: 'a', by: { x: 1 } })
  expect(places(moved)).toEqual({ a: [1, 0, 6, 6] })
  expect(places(edited(moved, { type: 'nudge', id: 'a', by: { w: 1 } }))).toEqual({ a: [1, 0, 7, 6] })
})

test('what stays where it is stays the same, so that nothing but what moved is drawn again', () => {
  const before = after(...TWO, { type: 'add', widget: widget('c') })
  const places = Object.fromEntries(before.now.widgets.map(({ id, place }) => [id, { ...place }]))
  const swapped = edited(before, {
    type: 'arrange',
    places: { ...places, a: { x: 6, y: 0, w: 6, h: 6 }, b: { x: 0, y: 0, w: 6, h: 6 } },
  })
  const isKept = swapped.now.widgets.map((one, i) => one === before.now.widgets[i])
  expect(isKept).toEqual([false, false, true])
  expect(edited(before, { type: 'arrange', places }).now).toBe(before.now)
})

test('a widget is the same to look at wherever it stands', () => {
  const place = { x: 0, y: 0, w: 6, h: 6 }
  const one: Widget = { ...widget('a'), place }
  expect(isSameBeside(one, { ...widget('a'), place: { ...place, x: 6 } })).toBe(true)
  expect(isSameBeside(one, { ...one, title: 'Another' })).toBe(false)
})

test('an arrow down moves a widget below the next one, an arrow up back', () => {
  const stacked = after(...TWO, {
    type: 'arrange',
    places: { a: { x: 0, y: 0, w: 6, h: 4 }, b: { x: 0, y: 4, w: 6, h: 6 } },
  })
  const lower = edited(stacked, { type: 'nudge', id: 'a', by: { y: 1 } })
  expect(places(lower)).toEqual({ a: [0, 6, 6, 4], b: [0, 0, 6, 6] })
  expect(places(edited(lower, { type: 'nudge', id: 'a', by: { y: -1 } }))).toEqual({ a: [0, 0, 6, 4], b: [0, 4, 6, 6] })
})

test('nothing gets smaller than its kind can be read', () => {
  const state = after(
    { type: 'add', widget: widget('a', 'card') },
    { type: 'nudge', id: 'a', by: { h: -1 } },
    { type: 'nudge', id: 'a', by: { w: -2 } },
  )
  expect(places(state)).toEqual({ a: [0, 0, 2, 3] })
})

test('a copy has an id of its own and stands where there is room', () => {
  const state = after({ type: 'add', widget: widget('line-1') })
  const copy = edited(state, { type: 'duplicate', id: 'line-1', as: freeId(state.now, 'line') })
  expect(places(copy)).toEqual({ 'line-1': [0, 0, 6, 6], 'line-2': [6, 0, 6, 6] })
})
