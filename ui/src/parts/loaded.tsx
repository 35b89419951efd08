import { Skeleton } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTexts } from '@/texts'
import { Failed } from './state'

interface LoadedProps<Data> {
  query: UseQueryResult<Data>
  /** How high what comes will about be, so that nothing jumps. */
  height?: number | string
  children: (data: Data) => ReactNode
}

/** What was asked for: its room while it loads, why not when it cannot be shown, and what was last known meanwhile. */
export function Loaded<Data>({ query, height = 160, children }: LoadedProps<Data>) {
  const texts = useTexts('shell')
  if (query.data !== undefined) return children(query.data)
  if (query.error !== null) return <Failed error={query.error} retry={() => void query.refetch()} />
  return (
    <div role="status" aria-label={texts.loading}>
      <Skeleton height={height} radius="lg" />
    </div>
  )
}
