// What a button of `opening.tsx` opens: a menu, or a small window beside it.
import { Menu, Popover, type MenuProps, type PopoverProps } from '@mantine/core'
import { useDeferredValue, useImperativeHandle, type ReactNode, type Ref } from 'react'
import type { Opened } from './opening'

type Looks<Props> = Omit<Props, 'id' | 'opened' | 'onChange' | 'children'> & { opened: Opened; children: ReactNode }

/** A menu. */
export function OpenedMenu({ opened: { at, id, isOpen, onOpen }, children, ...looks }: Looks<MenuProps>) {
  return (
    <Menu id={id} opened={useArrived(isOpen)} onChange={onOpen} shadow="md" {...looks}>
      <Menu.Target>
        <Standing at={at} />
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  )
}

/** A small window: the keyboard goes into it, and back to the button at its end. */
export function OpenedWindow({ opened: { at, id, isOpen, onOpen }, children, ...looks }: Looks<PopoverProps>) {
  return (
    <Popover id={id} opened={useArrived(isOpen)} onChange={onOpen} shadow="md" trapFocus returnFocus {...looks}>
      <Popover.Target>
        <Standing at={at} />
      </Popover.Target>
      <Popover.Dropdown p="sm">{children}</Popover.Dropdown>
    </Popover>
  )
}

/** Stands for the button that is on the page already, as a target. */
export function Standing({ at, ref }: { at: HTMLElement; ref?: Ref<HTMLElement> }) {
  useImperativeHandle(ref, () => at, [at])
  return null
}

/** TRICKY: closed at first, because where the focus goes back to is only noted when something opens. */
export function useArrived(isOpen: boolean): boolean {
  const hasArrived = useDeferredValue(true, false)
  return isOpen && hasArrived
}
