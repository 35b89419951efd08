// Every page there is: a feature brings its routes, and a line here lets them in.
import type { QueryClient } from '@tanstack/react-query'
import { createRouter, type StaticDataRouteOption } from '@tanstack/react-router'
import { routes as accountRoutes } from './features/account/routes'
import { outside as dashboardOutside, routes as dashboardRoutes } from './features/dashboards/routes'
import { routes as daysRoutes } from './features/days/routes'
import { outside as entryRoutes } from './features/entry/routes'
import { routes as exploreRoutes } from './features/explore/routes'
import { routes as exportsRoutes } from './features/exports/routes'
import { routes as operationsRoutes } from './features/operations/routes'
import { routes as settingsRoutes } from './features/settings/routes'
import { routes as startRoutes } from './features/start/routes'
import { routes as streamsRoutes } from './features/streams/routes'
import { Failed } from './parts/state'
import { homeRoute, insideRoute, rootRoute, type Place } from './shell/layout'

const pages = [
  ...dashboardRoutes,
  ...exploreRoutes,
  ...exportsRoutes,
  ...daysRoutes,
  ...streamsRoutes,
  ...operationsRoutes,
  ...settingsRoutes,
] as const
const inside = [homeRoute, ...startRoutes, ...accountRoutes, ...pages] as const
const outside = [...entryRoutes, ...dashboardOutside] as const
const tree = rootRoute.addChildren([...outside, insideRoute.addChildren([...inside])])

/** Give the router over a cache of what was asked. */
export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    basepath: '/app',
    context: { queries, places: places() },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: ({ error, reset }) => <Failed error={error} retry={reset} />,
    scrollRestoration: true,
  })
}

function places(): Place[] {
  const found: Place[] = []
  for (const route of inside) {
    const { path, staticData } = route.options as { path?: string; staticData?: StaticDataRouteOption }
    if (path !== undefined && staticData?.nav !== undefined) found.push({ to: path, entry: staticData.nav })
  }
  return found.sort((one, other) => one.entry.order - other.entry.order)
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
