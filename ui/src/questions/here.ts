import { useMemo } from 'react'
import { useSession } from '@/api/session'
import { hereOf, type Here } from './range'

/** Give what today is in the workspace, and when its weeks start. */
export function useHere(): Here {
  const { now, zone, week_start } = useSession()
  return useMemo(() => hereOf(now, zone, week_start), [now, zone, week_start])
}
