// Parts of a page that come when they are wanted, and not with the page.
import { createElement, useEffect, useEffectEvent, useState, type ComponentType, type ReactNode } from 'react'

/** Shows a part. */
export type Show<Given> = (given: Given) => ReactNode

/** Where a part comes from: a function of a module, so that it is always the same one. */
export type Load<Given> = () => Promise<{ default: ComponentType<Given> }>

const come = new Map<unknown, unknown>()

/** Give what shows a part, once it is wanted and has come; it is asked for whenever it is wanted and is not there. */
export function useLater<Given extends object>(
  load: Load<Given>,
  isWanted: boolean,
  onFailed: () => void,
): Show<Given> | null {
  const [part, setPart] = useState(() => (come.get(load) ?? null) as ComponentType<Given> | null)
  const failed = useEffectEvent(onFailed)
  const isMissing = isWanted && part === null
  useEffect(() => {
    if (!isMissing) return
    let isGone = false
    load().then(
      ({ default: found }) => {
        come.set(load, found)
        if (!isGone) setPart(() => found)
      },
      () => {
        if (!isGone) failed()
      },
    )
    return () => {
      isGone = true
    }
  }, [isMissing, load])
  return part === null ? null : (given) => createElement(part, given)
}

/** Let a part come before it is wanted: somebody is near it. */
export function fetchAhead(load: () => Promise<unknown>): void {
  // Whether it came is told when it is wanted.
  load().catch(() => undefined)
}
