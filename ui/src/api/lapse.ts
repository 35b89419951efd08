// Whether the session ended while somebody was at work: pages stay as they are, and the shell asks for the password.
import { useSyncExternalStore } from 'react'

let isOpen = false
let lapsed = false
const listeners = new Set<() => void>()

function set(value: boolean): void {
  lapsed = value
  for (const listener of listeners) listener()
}

/** Note that somebody is in, from which moment on a refusal means that the session ended. */
export function noteEntry(): void {
  isOpen = true
  set(false)
}

/** Note that somebody left by their own will. */
export function noteLeave(): void {
  isOpen = false
  set(false)
}

/** Note that the server knows nobody any more; asking for a session or a link is how one comes in, so that says nothing. */
export function noteLapse(path: string): void {
  if (isOpen && !path.startsWith('/v1/links')) set(true)
}

/** Say whether the session ended while somebody was at work. */
export function useLapsed(): boolean {
  return useSyncExternalStore(subscribe, () => lapsed)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
