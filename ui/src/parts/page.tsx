import { Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './page.module.css'

interface PageProps {
  title: string
  /** One sentence under the title. */
  about?: ReactNode
  /** What stands beside the title: buttons, a picker. */
  actions?: ReactNode
  /** Text is easier to read in a narrow column; figures want all there is. */
  width?: 'text' | 'full'
  children: ReactNode
}

/** A page of the interface: its title, in the browser's tab too, what can be done with it, and what it shows. */
export function Page({ title, about, actions, width = 'full', children }: PageProps) {
  return (
    <Stack gap="lg" className={classes['page'] ?? ''} data-width={width}>
      <title>{`${title} · Keepsum`}</title>
      <Group justify="space-between" align="flex-start" gap="sm" wrap="wrap">
        <div className={classes['heading'] ?? ''}>
          <Title order={1}>{title}</Title>
          {about !== undefined && (
            <Text c="dimmed" size="sm" mt={2}>
              {about}
            </Text>
          )}
        </div>
        {actions !== undefined && (
          <Group gap="xs" className={classes['actions'] ?? ''}>
            {actions}
          </Group>
        )}
      </Group>
      {children}
    </Stack>
  )
}
