/** Where widgets stand on twelve columns: nothing overlaps, nothing hangs in the air. */
import type { Place } from './document'

export const COLUMNS = 12
const MOST_ROWS = 999
const TALLEST = 40

export interface Placed {
  readonly id: string
  readonly place: Place
}

/** Give every widget moved up as far as it goes, in reading order; those that stay where they are stay the same. */
export function compacted<T extends Placed>(widgets: readonly T[]): T[] {
  const settled: Place[] = []
  const places = new Map<string, Place>()
  for (const { id, place } of [...widgets].sort(inReadingOrder)) {
    const found = settledPlace(inside(place), settled)
    settled.push(found)
    places.set(id, found)
  }
  return widgets.map((widget) => {
    const place = places.get(widget.id) ?? widget.place
    return samePlace(place, widget.place) ? widget : { ...widget, place }
  })
}

/** Give the widgets with one of them put elsewhere; what it lands on trades places with it, or makes room below. */
export function put<T extends Placed>(widgets: readonly T[], id: string, place: Place): T[] {
  const target = inside(place)
  const left = widgets.find((one) => one.id === id)?.place
  const hit = widgets.filter((one) => one.id !== id && overlap(one.place, target))
  const trades = hit.length === 1 && left !== undefined && !overlap(left, target) && fits(hit[0]?.place, left)
  const moved = widgets.map((one) => {
    if (one.id === id) return { ...one, place: target }
    if (!hit.includes(one)) return one
    const { w, h } = one.place
    return { ...one, place: trades ? { ...left, w, h } : { ...one.place, y: target.y + target.h } }
  })
  return compacted(moved)
}

/** Give the first place, from the top, where something of a size fits. */
export function freePlace(widgets: readonly Placed[], size: { w: number; h: number }): Place {
  const bottom = Math.max(0, ...widgets.map(({ place }) => place.y + place.h))
  for (let y = 0; y < bottom; y++) {
    for (let x = 0; x + size.w <= COLUMNS; x++) {
      const place = { x, y, ...size }
      if (!widgets.some((one) => overlap(one.place, place))) return place
    }
  }
  return { x: 0, y: bottom, ...size }
}

export interface Band<T extends Placed> {
  readonly top: number
  readonly height: number
  readonly widgets: readonly T[]
}

/** Give widgets in bands from the top, in reading order: between two bands a line across cuts none of them. */
export function bands<T extends Placed>(widgets: readonly T[]): Band<T>[] {
  const found: { top: number; height: number; widgets: T[] }[] = []
  for (const one of [...widgets].sort(inReadingOrder)) {
    const { y, h } = one.place
    const last = found.at(-1)
    if (last === undefined || y >= last.top + last.height) found.push({ top: y, height: h, widgets: [one] })
    else {
      last.widgets.push(one)
      last.height = Math.max(last.height, y + h - last.top)
    }
  }
  return found
}

/** Orders widgets as they are read: from the top, then from the left. */
export function inReadingOrder(a: Placed, b: Placed): number {
  return a.place.y - b.place.y || a.place.x - b.place.x
}

export function samePlace(a: Place, b: Place): boolean {
  return a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h
}

function settledPlace(place: Place, settled: readonly Place[]): Place {
  const isFree = (y: number) => !settled.some((one) => overlap(one, { ...place, y }))
  let y = place.y
  while (!isFree(y)) y++
  while (y > 0 && isFree(y - 1)) y--
  return { ...place, y }
}

function inside({ x, y, w, h }: Place): Place {
  const width = clamp(w, 1, COLUMNS)
  return { x: clamp(x, 0, COLUMNS - width), y: clamp(y, 0, MOST_ROWS), w: width, h: clamp(h, 1, TALLEST) }
}

function fits(size: Place | undefined, room: Place): boolean {
  return size !== undefined && size.w <= room.w && size.h <= room.h
}

function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
