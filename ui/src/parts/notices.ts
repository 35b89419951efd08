// Short notices over the page: that something was done, or why not.

import type { ReactNode } from 'react'

export interface Notice {
  readonly message: ReactNode
  readonly title?: string
  readonly tone?: 'good' | 'bad'
}

/** A notice that is shown, known by its number. */
export interface Shown extends Notice {
  readonly number: number
}

const MOST = 4

let shown: readonly Shown[] = []
let last = 0
const watching = new Set<() => void>()

/** Show a notice; what says the same already is shown anew in its place. */
export function tell(notice: Notice): void {
  last += 1
  const others = shown.filter(({ message, title }) => message !== notice.message || title !== notice.title)
  put([...others, { ...notice, number: last }].slice(-MOST))
}

/** Take a notice away. */
export function dismiss(number: number): void {
  put(shown.filter((one) => one.number !== number))
}

/** Give the notices that are shown, the newest last. */
export function shownNotices(): readonly Shown[] {
  return shown
}

/** Hear of every change of what is shown, until the function is called that it gives. */
export function watchNotices(onChange: () => void): () => void {
  watching.add(onChange)
  return () => watching.delete(onChange)
}

function put(next: readonly Shown[]) {
  shown = next
  for (const onChange of watching) onChange()
}
