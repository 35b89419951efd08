import { Menu } from '@mantine/core'
import { useEffect, useState, type ReactNode } from 'react'

interface PointedMenuProps {
  x: number
  y: number
  label: string
  onClose: () => void
  children: ReactNode
}

/** A menu where the pointer is. */
export function PointedMenu({ x, y, label, onClose, children }: PointedMenuProps) {
  useFocusBack()
  return (
    <Menu opened onClose={onClose} position="bottom-start" shadow="md" returnFocus={false}>
      <Menu.Target>
        <span
          role="button"
          tabIndex={-1}
          aria-label={label}
          style={{ position: 'fixed', left: x, top: y, width: 1, height: 1 }}
        />
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  )
}

/** Go back to where the focus was: it is gone together with the menu. */
function useFocusBack(): void {
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      if (document.activeElement === document.body && before instanceof HTMLElement)
        before.focus({ preventScroll: true })
    },
    [before],
  )
}
