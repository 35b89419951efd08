import { Menu } from '@mantine/core'
import type { ReactNode } from 'react'

interface PointedMenuProps {
  x: number
  y: number
  label: string
  onClose: () => void
  children: ReactNode
}

/** A menu where the pointer is. */
export function PointedMenu({ x, y, label, onClose, children }: PointedMenuProps) {
  return (
    <Menu opened onClose={onClose} position="bottom-start" shadow="md" returnFocus>
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
