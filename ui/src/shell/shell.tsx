import { Burger } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState, type RefObject } from 'react'
import { useLapsed } from '@/api/lapse'
import { Brand } from '@/parts/brand'
import { useTexts } from '@/texts'
import { Account } from './face'
import { Navigation } from './navigation'
import classes from './shell.module.css'
import { Workspace } from './workspace'

const Lapsed = lazy(() => import('./lapsed'))

/** The frame around every page: where one can go, where one is, and who one is. */
export function Shell() {
  const texts = useTexts('shell')
  const [open, setOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const close = () => {
    setOpen(false)
  }
  useArrival(main, close)
  useHotkeys([['Escape', close]], [])
  return (
    <div className={classes['shell']} data-open={open || undefined}>
      <a className="skip" href="#main">
        {texts.skip}
      </a>
      {/* No landmark: that is the head of a dialog, where there is one. */}
      <div className={classes['header']}>
        <Burger
          opened={open}
          onClick={() => {
            setOpen(!open)
          }}
          size="sm"
          aria-controls="navigation"
          aria-expanded={open}
          aria-label={open ? texts.closeMenu : texts.openMenu}
        />
        <Brand />
      </div>
      {/* On a phone it lies over the page, and a touch beside it or Escape puts it away. */}
      {open && <button type="button" className={classes['veil']} aria-label={texts.closeMenu} onClick={close} />}
      <nav className={classes['side']} id="navigation" aria-label={texts.navigation}>
        <div className={classes['top']}>
          <Brand />
        </div>
        <Workspace />
        <Navigation />
        <Account />
      </nav>
      <main id="main" ref={main} tabIndex={-1} className={classes['main']}>
        <Outlet />
      </main>
      <Ended />
    </div>
  )
}

function Ended() {
  const lapsed = useLapsed()
  return (
    lapsed && (
      <Suspense>
        <Lapsed />
      </Suspense>
    )
  )
}

/** Go on at the beginning of a page when it changed, so that the keyboard and screen readers are where the eyes are. */
function useArrival(main: RefObject<HTMLElement | null>, close: () => void): void {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const last = useRef(path)
  useEffect(() => {
    if (last.current !== undefined && last.current !== path) {
      close()
      main.current?.focus({ preventScroll: true })
    }
    last.current = path
  })
}
