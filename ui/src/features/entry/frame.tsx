import { Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { Mark } from '@/parts/brand'
import { useTexts } from '@/texts'
import classes from './frame.module.css'
import { Languages } from './languages'

/** The page around a form that strangers fill in. */
export function Frame({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) {
  const texts = useTexts('entry')
  return (
    <div className={classes['ground']}>
      <title>{`${title} · Keepsum`}</title>
      <main className={classes['middle']}>
        <Stack gap={6} align="center" mb="lg">
          <Mark size={44} />
          <Text fw={650} fz="lg">
            Keepsum
          </Text>
          <Text size="sm" c="dimmed" ta="center">
            {texts.promise}
          </Text>
        </Stack>
        <Paper withBorder radius="lg" p="xl" shadow="sm" className={classes['paper'] ?? ''}>
          <Title order={1} mb={about === undefined ? 'md' : 4}>
            {title}
          </Title>
          {about !== undefined && (
            <Text size="sm" c="dimmed" mb="md">
              {about}
            </Text>
          )}
          {children}
        </Paper>
        <Languages />
      </main>
    </div>
  )
}
