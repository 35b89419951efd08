// What was edited and not saved yet, kept in this tab: a lost session or a closed page takes nothing along.
import type { Document } from '@/boards/document'

export interface Draft {
  readonly version: number
  readonly document: Document
}

const PREFIX = 'keepsum.draft.'

/** Keep an edit that is not saved. */
export function keepDraft(id: string, draft: Draft): void {
  try {
    sessionStorage.setItem(PREFIX + id, JSON.stringify(draft))
  } catch {
    // Storage may be full or switched off; saving goes on without it.
  }
}

/** Give the edit that was not saved, if there is one. */
export function draftOf(id: string): Draft | null {
  try {
    const text = sessionStorage.getItem(PREFIX + id)
    const draft = text === null ? null : (JSON.parse(text) as Partial<Draft>)
    return typeof draft?.version === 'number' && Array.isArray(draft.document?.widgets) ? (draft as Draft) : null
  } catch {
    return null
  }
}

/** Forget the edit: it is saved. */
export function clearDraft(id: string): void {
  try {
    sessionStorage.removeItem(PREFIX + id)
  } catch {
    // As above.
  }
}
