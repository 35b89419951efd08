import { Drawer, Stack } from '@mantine/core'
import type { ReactNode } from 'react'

interface SideProps {
  title: string
  onClose: () => void
  children: ReactNode
}

/** A drawer beside the board, which can be seen and used meanwhile. */
export function Side({ title, onClose, children }: SideProps) {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="sm"
      title={title}
      withOverlay={false}
      lockScroll={false}
      shadow="md"
    >
      <Stack gap="sm">{children}</Stack>
    </Drawer>
  )
}
