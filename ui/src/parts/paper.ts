// Paper: the page as it is printed, made in the moment before the browser takes it.
import { useSyncExternalStore } from 'react'
import { flushSync } from 'react-dom'

const SCHEME = 'data-mantine-color-scheme'
type Reader = (isPaper: boolean) => void

const readers = new Set<Reader>()
let isPaper = false
let scheme: string | null = null // the screen's, as long as there is paper

/** Whether the page is being printed: it is as wide as paper then, and in the colours of the day. */
export function usePaper(): boolean {
  return useSyncExternalStore(watchPaper, () => isPaper)
}

/** Make the page ready for paper whenever it is printed, whoever asks for that; gives what ends it. */
export function watchPaper(reader: Reader): () => void {
  if (readers.size === 0) {
    globalThis.addEventListener('beforeprint', begin)
    globalThis.addEventListener('afterprint', end)
  }
  readers.add(reader)
  return () => {
    readers.delete(reader)
    if (readers.size > 0) return
    globalThis.removeEventListener('beforeprint', begin)
    globalThis.removeEventListener('afterprint', end)
  }
}

function begin(): void {
  if (isPaper) return
  const root = document.documentElement
  scheme = root.getAttribute(SCHEME)
  root.setAttribute(SCHEME, 'light')
  root.toggleAttribute('data-paper', true)
  turn(true)
}

function end(): void {
  if (!isPaper) return
  const root = document.documentElement
  root.removeAttribute('data-paper')
  if (scheme !== null) root.setAttribute(SCHEME, scheme)
  turn(false)
}

/** The browser takes the page as soon as its event is over: nothing may be put off. */
function turn(next: boolean): void {
  isPaper = next
  flushSync(() => {
    for (const tell of readers) tell(next)
  })
}
