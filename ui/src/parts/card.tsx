import { Box, Group, Text, Title, type BoxProps } from '@mantine/core'
import { useId, type ReactNode } from 'react'
import classes from './card.module.css'

interface CardProps extends BoxProps {
  title?: string
  about?: ReactNode
  actions?: ReactNode
  /** Whether what it holds reaches its edges, as tables do. */
  flush?: boolean
  children: ReactNode
}

/** A piece of a page with its own ground, and mostly a title. */
export function Card({ title, about, actions, flush = false, children, ...box }: CardProps) {
  const id = useId()
  return (
    <Box
      component="section"
      className={classes['card'] ?? ''}
      data-flush={flush || undefined}
      aria-labelledby={title && id}
      {...box}
    >
      {title !== undefined && (
        <Group justify="space-between" align="flex-start" gap="sm" className={classes['head'] ?? ''}>
          <div className={classes['words']}>
            <Title order={2} id={id} fz="md">
              {title}
            </Title>
            {about !== undefined && (
              <Text size="sm" c="dimmed">
                {about}
              </Text>
            )}
          </div>
          {actions}
        </Group>
      )}
      {children}
    </Box>
  )
}
