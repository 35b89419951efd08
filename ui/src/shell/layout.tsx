// The routes that all others lie under: the outermost, and the one that only people who are signed in come past.
import type { Icon } from '@tabler/icons-react'
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, Outlet, redirect } from '@tanstack/react-router'
import { Problem } from '@/api/problem'
import { may, sessionQuery, type Permission } from '@/api/session'
import { isFresh } from '@/api/streams'
import { Failed } from '@/parts/state'
import { firstLanguage, load, type Texts } from '@/texts'
import { wordsAt } from '@/texts/pages'
import { NotFound, Nothing } from './notfound'
import { Shell } from './shell'

/** A route's entry in the navigation: shown to whoever has the permission, sorted by `order`. */
export interface Entry {
  order: number
  icon: Icon
  text: keyof Texts['nav']
  needs?: Permission
}

/** An entry with the address that it leads to. */
export interface Place {
  to: string
  entry: Entry
}

interface Context {
  queries: QueryClient
  places: readonly Place[]
}

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    nav?: Entry
  }
}

/** The outermost route: parent of what strangers may see. */
export const rootRoute = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NotFound,
  // The page before stays until the next one has its words.
  beforeLoad: ({ location }) => load(firstLanguage(), wordsAt(location.pathname)),
})

/** The parent of all pages for people who are signed in; strangers are led to sign in, and back. */
export const insideRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'inside',
  component: Shell,
  errorComponent: ({ error, reset }) => <Failed error={error} retry={reset} />,
  beforeLoad: async ({ context, location }) => {
    try {
      return { session: await context.queries.query({ ...sessionQuery, staleTime: 'static' }) }
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error
      const next = location.href === '/' ? undefined : location.href
      throw redirect({ to: '/sign-in', search: { next } })
    }
  },
})

/** The start page: the first of the navigation that the person may open; in a new workspace how to begin. */
export const homeRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/',
  component: Nothing,
  beforeLoad: async ({ context }) => {
    if (await isFresh(context.queries, context.session)) throw redirect({ to: '/start', replace: true })
    const first = context.places.find(({ entry }) => may(context.session, entry.needs))
    if (first !== undefined) throw redirect({ to: first.to, replace: true })
  },
})
