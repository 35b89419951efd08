import { Group, Text, Title } from '@mantine/core'
import { useId, type ReactNode } from 'react'

/** A part of what is told about a day. */
export function Section({
  title,
  about,
  actions,
  children,
}: {
  title: string
  about?: string
  actions?: ReactNode
  children: ReactNode
}) {
  const id = useId()
  return (
    <section aria-labelledby={id}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" mb="xs">
        <div>
          <Title order={3} id={id}>
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
      {children}
    </section>
  )
}
