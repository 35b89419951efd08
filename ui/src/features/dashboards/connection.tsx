// How a live page stands, where that is other than expected.
import { Alert } from '@mantine/core'
import { IconPlugConnected, IconPlugOff } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import type { Liveness } from '@/questions/live'
import { useTexts } from '@/texts'

const SHOWN = 6_000 // milliseconds that somebody is told that all is well again

/** Says when the connection dropped, and when the page has caught up. */
export function Connection({ state }: { state: Liveness }) {
  const texts = useTexts('dashboards')
  const isBack = useIsBack(state)
  if (state === 'dropped' || state === 'crowded')
    return (
      <Alert color="yellow" icon={<IconPlugOff size={18} />} role="status" p="xs" className="no-print">
        {state === 'dropped' ? texts.dropped : texts.crowded}
      </Alert>
    )
  if (!isBack) return null
  return (
    <Alert color="green" icon={<IconPlugConnected size={18} />} role="status" p="xs" className="no-print">
      {texts.caughtUp}
    </Alert>
  )
}

function useIsBack(state: Liveness): boolean {
  const before = useRef(state)
  const [isBack, setBack] = useState(false)
  useEffect(() => {
    const was = before.current
    before.current = state
    if (state !== 'live' || was !== 'dropped') return
    setBack(true)
    const timer = setTimeout(() => {
      setBack(false)
    }, SHOWN)
    return () => {
      clearTimeout(timer)
    }
  }, [state])
  return isBack
}
