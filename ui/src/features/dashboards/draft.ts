// What was edited and not saved yet, kept in this tab: a lost session or a closed page takes nothing along.
import type { Document } from '@/boards/document'

export interface Draft {
  readonly version: number
  readonly document: Document
}

const PREFIX = 'keepsum.draft.'

/** Give the place of somebody's edits of a dashboard: whoever signs in next in this tab does not go on with them. */
export function placeOfDraft(person: string, dashboard: string): string {
  return `${person}.${dashboard}`
}

/** Keep an edit that is not saved. */
export function keepDraft(place: string, draft: Draft): void {
  try {
    sessionStorage.setItem(PREFIX + place, JSON.stringify(draft))
  } catch {
    // Storage may be full or switched off; saving goes on without it.
  }
}

/** Give the edit that was not saved, if there is one. */
export function draftOf(place: string): Draft | null {
  try {
    const text = sessionStorage.getItem(PREFIX + place)
    const draft = text === null ? null : (JSON.parse(text) as Partial<Draft>)
    return typeof draft?.version === 'number' && Array.isArray(draft.document?.widgets) ? (draft as Draft) : null
  } catch {
    return null
  }
}

/** Forget the edit: it is saved. */
export function clearDraft(place: string): void {
  try {
    sessionStorage.removeItem(PREFIX + place)
  } catch {
    // As above.
  }
}
