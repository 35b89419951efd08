import { useVirtualizer } from '@tanstack/react-virtual'
import type { ReactNode, RefObject } from 'react'
import { ROW } from './paperrows'

export interface SeenProps {
  count: number
  /** How many columns there are. */
  span: number
  /** What scrolls. */
  room: RefObject<HTMLElement | null>
  row: (index: number) => ReactNode
}

/** The rows of a long table that are seen, and room for the others. */
export default function SeenRows({ count, span, room, row }: SeenProps) {
  // The compiler of React leaves components alone that use what the virtualizer gives.
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are all that depends on it
  const seen = useVirtualizer({
    count,
    getScrollElement: () => room.current,
    estimateSize: () => ROW,
    overscan: 12,
  })
  const items = seen.getVirtualItems()
  const above = items[0]?.start ?? 0
  const below = seen.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    <>
      <Gap height={above} span={span} />
      {items.map(({ index }) => row(index))}
      <Gap height={below} span={span} />
    </>
  )
}

function Gap({ height, span }: { height: number; span: number }) {
  if (height <= 0) return null
  return (
    <tr aria-hidden>
      <td colSpan={span} style={{ height }} />
    </tr>
  )
}
