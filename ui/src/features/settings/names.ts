import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useMay } from '@/api/session'
import { peopleQuery, tokensQuery } from './queries'

/** Gives what the people and tokens of the workspace are called, by their ids, as far as the person may know. */
export function useNames(): ReadonlyMap<string, string> {
  const people = useQuery({ ...peopleQuery, enabled: useMay('people') }).data
  const tokens = useQuery({ ...tokensQuery, enabled: useMay('administer') }).data
  return useMemo(
    () => new Map([...(people ?? []), ...(tokens ?? [])].map(({ id, name }) => [id, name])),
    [people, tokens],
  )
}
