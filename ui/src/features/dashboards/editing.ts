/** The edits of a dashboard with undo and redo: a pure reducer, so that what a key does is what a mouse does. */
import { SIZES, type Document, type Place, type Widget } from '@/boards/document'
import { compacted, freePlace, put, samePlace } from '@/boards/layout'

export type Edit =
  | { readonly type: 'add'; readonly widget: Omit<Widget, 'place'> }
  | { readonly type: 'duplicate'; readonly id: string; readonly as: string }
  | { readonly type: 'remove'; readonly id: string }
  | { readonly type: 'change'; readonly widget: Widget }
  | { readonly type: 'nudge'; readonly id: string; readonly by: Partial<Place> }
  | { readonly type: 'arrange'; readonly places: Readonly<Record<string, Place>> }
  | { readonly type: 'replace'; readonly document: Document }
  | { readonly type: 'settings'; readonly settings: Partial<Omit<Document, 'widgets'>> }

export type Step =
  Edit | { readonly type: 'undo' } | { readonly type: 'redo' } | { readonly type: 'open'; readonly document: Document }

export interface Editing {
  readonly past: readonly Document[]
  readonly now: Document
  readonly future: readonly Document[]
}

const MOST_KEPT = 100

/** Give the start of editing a document. */
export function opened(document: Document): Editing {
  return { past: [], now: document, future: [] }
}

/** Give the state after a step; an edit that changes nothing leaves nothing to undo. */
export function edited(state: Editing, step: Step): Editing {
  if (step.type === 'open') return opened(step.document)
  if (step.type === 'undo') return undone(state)
  if (step.type === 'redo') return redone(state)
  const now = applied(state.now, step)
  return now === state.now ? state : { past: [...state.past, state.now].slice(-MOST_KEPT), now, future: [] }
}

function undone({ past, now, future }: Editing): Editing {
  const last = past.at(-1)
  return last === undefined ? { past, now, future } : { past: past.slice(0, -1), now: last, future: [now, ...future] }
}

function redone({ past, now, future }: Editing): Editing {
  const [next, ...rest] = future
  return next === undefined ? { past, now, future } : { past: [...past, now], now: next, future: rest }
}

function applied(document: Document, edit: Edit): Document {
  switch (edit.type) {
    case 'replace':
      return edit.document
    case 'settings':
      return { ...document, ...edit.settings }
    case 'add':
      return added(document, edit.widget)
    case 'duplicate':
      return duplicated(document, edit.id, edit.as)
    case 'remove':
      return withWidgets(document, compacted(document.widgets.filter(({ id }) => id !== edit.id)))
    case 'change':
      return withWidgets(
        document,
        document.widgets.map((one) => (one.id === edit.widget.id ? edit.widget : one)),
      )
    case 'nudge':
      return nudged(document, edit.id, edit.by)
    case 'arrange':
      return withWidgets(
        document,
        compacted(document.widgets.map((one) => ({ ...one, place: edit.places[one.id] ?? one.place }))),
      )
  }
}

function added(document: Document, widget: Omit<Widget, 'place'>): Document {
  const { w, h } = SIZES[widget.kind]
  const settled = compacted(document.widgets)
  return withWidgets(document, [...settled, { ...widget, place: freePlace(settled, { w, h }) }])
}

function duplicated(document: Document, id: string, as: string): Document {
  const original = document.widgets.find((one) => one.id === id)
  if (original === undefined) return document
  const settled = compacted(document.widgets)
  const { w, h } = original.place
  return withWidgets(document, [...settled, { ...original, id: as, place: freePlace(settled, { w, h }) }])
}

/** A step of an arrow key: down means below the next one, as there is no air to move in. */
function nudged(document: Document, id: string, by: Partial<Place>): Document {
  const settled = compacted(document.widgets)
  const widget = settled.find((one) => one.id === id)
  if (widget === undefined) return document
  const { minW, minH } = SIZES[widget.kind]
  const { place } = widget
  const target = {
    x: place.x + (by.x ?? 0),
    y: place.y + (by.y ?? 0),
    w: Math.max(minW, Math.min(12 - place.x, place.w + (by.w ?? 0))),
    h: Math.max(minH, place.h + (by.h ?? 0)),
  }
  return withWidgets(document, (by.y ?? 0) > 0 ? lowered(settled, widget, target) : put(settled, id, target))
}

function lowered(widgets: readonly Widget[], widget: Widget, target: Place): Widget[] {
  const below = widgets.filter(
    (one) =>
      one.place.y >= widget.place.y + widget.place.h &&
      one.place.x < target.x + target.w &&
      target.x < one.place.x + one.place.w,
  )
  const next = Math.min(...below.map((one) => one.place.y + one.place.h))
  if (!Number.isFinite(next)) return [...widgets]
  const swapped = widgets.map((one) => (one.id === widget.id ? { ...one, place: { ...target, y: next } } : one))
  return compacted(swapped)
}

/** Every widget that is as it was is the same, and so is the document if all are: only what changed is drawn anew. */
function withWidgets(document: Document, widgets: readonly Widget[]): Document {
  const before = new Map(document.widgets.map((one) => [one.id, one]))
  const kept = widgets.map((one) => {
    const old = before.get(one.id)
    return old !== undefined && isEqual(one, old) ? old : one
  })
  const isSame = kept.length === document.widgets.length && kept.every((one, i) => one === document.widgets[i])
  return isSame ? document : { ...document, widgets: kept }
}

function isEqual(a: Widget, b: Widget): boolean {
  return a === b || (samePlace(a.place, b.place) && isSameBeside(a, b))
}

/** Whether two widgets are the same wherever they stand. */
export function isSameBeside(a: Widget, b: Widget): boolean {
  return a === b || JSON.stringify({ ...a, place: 0 }) === JSON.stringify({ ...b, place: 0 })
}

/** Give an id that no widget of the document has. */
export function freeId(document: Document, kind: string): string {
  const taken = new Set(document.widgets.map(({ id }) => id))
  let number = document.widgets.length + 1
  while (taken.has(`${kind}-${number}`)) number++
  return `${kind}-${number}`
}
