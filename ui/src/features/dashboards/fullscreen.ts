// A board over the whole screen: without what is around it, and without the browser's own where that lets itself.
import { useEffect, useRef } from 'react'

/** Show the page without what is around a board; whoever leaves the browser's full screen leaves this, too. */
export function useFullScreen(isFull: boolean, onLeave: () => void): void {
  const leave = useRef(onLeave)
  useEffect(() => {
    leave.current = onLeave
  })
  useEffect(() => {
    const root = document.documentElement
    const onChange = () => {
      if (document.fullscreenElement === null) leave.current()
    }
    root.toggleAttribute('data-full', isFull)
    if (isFull) document.addEventListener('fullscreenchange', onChange)
    else if (document.fullscreenElement !== null) void document.exitFullscreen()
    return () => {
      root.removeAttribute('data-full')
      document.removeEventListener('fullscreenchange', onChange)
    }
  }, [isFull])
}

/** Ask the browser for the whole screen; only what somebody does may ask, and it may still say no. */
export function fillScreen(): void {
  if (document.fullscreenEnabled) document.documentElement.requestFullscreen().catch(() => undefined)
}
