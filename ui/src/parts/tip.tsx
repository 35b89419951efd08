// A word for a button that is only a sign: shown to whoever points at it, or comes to it with the keyboard.
import { useState, type ReactNode, type SyntheticEvent } from 'react'
import { useLater } from './later'

interface TipProps {
  label: string
  /** The one button that it is about, whose name says the same. */
  children: ReactNode
}

const load = () => import('./tipped')
const NOTHING = () => undefined

/** A button with a word. */
export function Tip({ label, children }: TipProps) {
  const [at, setAt] = useState<Element | null>(null)
  const [isNear, setNear] = useState(false)
  // Without the word there is still the name.
  const show = useLater(load, isNear, NOTHING)
  const come = ({ currentTarget }: SyntheticEvent) => {
    setAt(currentTarget.firstElementChild)
    setNear(true)
  }
  const leave = () => {
    setNear(false)
  }
  return (
    <>
      <span
        role="presentation"
        style={{ display: 'contents' }}
        onPointerEnter={come}
        onPointerLeave={leave}
        onPointerDown={leave}
        onFocus={(event) => {
          if (event.target.matches(':focus-visible')) come(event)
        }}
        onBlur={leave}
        onKeyDown={(event) => {
          if (event.key === 'Escape') leave()
        }}
      >
        {children}
      </span>
      {at instanceof HTMLElement && show?.({ at, label, isNear })}
    </>
  )
}
