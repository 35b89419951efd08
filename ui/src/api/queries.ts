import { QueryClient } from '@tanstack/react-query'
import { Problem } from './problem'

const TRIES = 3

/** Give the one cache of what was asked: a refusal is final, a server that is not there is tried again. */
export function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => failures < TRIES && !(error instanceof Problem && !error.isPassing),
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 5_000),
        refetchOnWindowFocus: false,
      },
      mutations: { retry: false },
    },
  })
}
