import { Stack } from '@mantine/core'
import { HealthCard } from './health'
import { Jobs } from './jobs'

/** How everything stands, and what was done lately. */
export function Overview() {
  return (
    <Stack gap="lg">
      <HealthCard />
      <Jobs />
    </Stack>
  )
}
