import { describe, expect, test } from 'vitest'
import { bands, compacted, freePlace, put, type Placed } from './layout'

function widget(id: string, x: number, y: number, w: number, h: number): Placed {
  return { id, place: { x, y, w, h } }
}

const BOARD = [widget('a', 0, 0, 6, 4), widget('b', 6, 0, 6, 4), widget('c', 0, 4, 12, 3)]

function places(widgets: readonly Placed[]) {
  return Object.fromEntries(widgets.map(({ id, place }) => [id, [place.x, place.y, place.w, place.h]]))
}

test('what hangs in the air comes up, and nothing overlaps', () => {
  expect(places(compacted([widget('a', 0, 9, 6, 4), widget('b', 0, 9, 6, 2)]))).toEqual({
    a: [0, 0, 6, 4],
    b: [0, 4, 6, 2],
  })
})

test('a widget put on one of its size trades places with it', () => {
  expect(places(put(BOARD, 'a', { x: 6, y: 0, w: 6, h: 4 }))).toEqual({
    a: [6, 0, 6, 4],
    b: [0, 0, 6, 4],
    c: [0, 4, 12, 3],
  })
})

test('a widget that grows pushes down what is below it', () => {
  expect(places(put(BOARD, 'a', { x: 0, y: 0, w: 6, h: 6 }))['c']).toEqual([0, 6, 12, 3])
})

test('a widget that moves down trades its place with the one below', () => {
  expect(places(put(BOARD, 'c', { x: 0, y: 0, w: 12, h: 3 }))).toEqual({
    a: [0, 3, 6, 4],
    b: [6, 3, 6, 4],
    c: [0, 0, 12, 3],
  })
})

test('nothing leaves the board', () => {
  expect(places(put(BOARD, 'a', { x: 10, y: -2, w: 30, h: 0 }))['a']).toEqual([0, 0, 12, 1])
})

describe('a new widget', () => {
  test('goes where there is room', () => {
    expect(freePlace([widget('a', 0, 0, 6, 4), widget('c', 0, 4, 12, 3)], { w: 6, h: 4 })).toEqual({
      x: 6,
      y: 0,
      w: 6,
      h: 4,
    })
  })

  test('else to the end', () => {
    expect(freePlace(BOARD, { w: 6, h: 4 })).toEqual({ x: 0, y: 7, w: 6, h: 4 })
  })
})

test('between two bands a line across cuts no widget', () => {
  const beside = [widget('a', 0, 0, 6, 4), widget('b', 6, 0, 6, 6), widget('c', 0, 4, 6, 4), widget('d', 0, 8, 12, 3)]
  expect(bands(beside).map(({ top, height, widgets }) => [top, height, widgets.map(({ id }) => id)])).toEqual([
    [0, 8, ['a', 'b', 'c']],
    [8, 3, ['d']],
  ])
})
