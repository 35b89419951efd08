// A button that opens something: the button stands with the page, what it opens comes when somebody reaches for it.
import { Suspense, useEffect, useId, useState, type MouseEvent, type ReactNode } from 'react'
import { useTexts } from '@/texts'
import { fetchAhead, useLater, type Load, type Show } from './later'
import { tell } from './notices'

/** What an opened part knows of its button. */
export interface Opened {
  readonly at: HTMLElement
  /** The button's; what it opens is `<id>-dropdown`. */
  readonly id: string
  readonly isOpen: boolean
  readonly onOpen: (isOpen: boolean) => void
}

/** What makes a button the one that opens. */
export interface Opener {
  readonly id: string
  readonly 'aria-haspopup': 'menu' | 'dialog' | 'listbox'
  readonly 'aria-expanded': boolean
  readonly 'aria-controls': string | undefined
  readonly 'aria-busy': true | undefined
  readonly onClick: (event: MouseEvent<HTMLElement>) => void
  readonly onPointerEnter: () => void
  readonly onFocus: () => void
}

interface OpeningProps<Given> {
  popup: Opener['aria-haspopup']
  load: Load<Given>
  given: Omit<NoInfer<Given>, 'opened'>
  children: (opener: Opener) => ReactNode
}

/** The same as `useLater`; where the part does not come, a notice says so, and it is given up. */
export function useComing<Given extends object>(
  load: Load<Given>,
  isWanted: boolean,
  giveUp: () => void,
): Show<Given> | null {
  const texts = useTexts('parts')
  return useLater(load, isWanted, () => {
    tell({ tone: 'bad', message: texts.notLoaded })
    giveUp()
  })
}

/** A button, and what it opens. */
export function Opening<Given extends { opened: Opened }>({ popup, load, given, children }: OpeningProps<Given>) {
  const id = useId()
  const [at, setAt] = useState<HTMLElement | null>(null)
  const [isOpen, setOpen] = useState(false)
  const show = useComing(load, isOpen, () => {
    setOpen(false)
  })
  const isShown = isOpen && show !== null
  useEffect(() => {
    // What was closed took the focus with it.
    if (!isOpen && document.activeElement === document.body) at?.focus({ preventScroll: true })
  }, [isOpen, at])
  const reach = () => {
    fetchAhead(load)
  }
  return (
    <>
      {children({
        id,
        'aria-haspopup': popup,
        'aria-expanded': isShown,
        'aria-controls': isShown ? `${id}-dropdown` : undefined,
        'aria-busy': (isOpen && show === null) || undefined,
        onClick: ({ currentTarget }) => {
          setAt(currentTarget)
          setOpen(!isOpen)
        },
        onPointerEnter: reach,
        onFocus: reach,
      })}
      {at !== null && show !== null && (
        <Suspense>{show({ ...given, opened: { at, id, isOpen, onOpen: setOpen } } as Given)}</Suspense>
      )}
    </>
  )
}
