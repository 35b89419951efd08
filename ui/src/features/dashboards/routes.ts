import { IconLayoutDashboard } from '@tabler/icons-react'
import type { QueryClient } from '@tanstack/react-query'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { catalogQuery } from '@/questions/ask'
import { insideRoute, rootRoute } from '@/shell/layout'
import { dashboardQuery, listQuery } from './queries'
import { readSearch, type BoardSearch } from './search'

// Whether it came is told where it is shown.
const toldLater = () => undefined

/** Ask for all that a board needs at once, and for its answers if somebody is about to see them. */
function begin(queries: QueryClient, id: string, search: BoardSearch | null): void {
  queries.query(dashboardQuery(id)).catch(toldLater)
  queries.query(catalogQuery).catch(toldLater)
  if (search === null) return
  import('./ahead').then(({ askAhead }) => askAhead(queries, id, search)).catch(toldLater)
}

const listRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/dashboards',
  component: lazyRouteComponent(() => import('./list'), 'DashboardsPage'),
  loader: ({ context }) => {
    context.queries.query(listQuery).catch(toldLater)
  },
  staticData: { nav: { order: 10, icon: IconLayoutDashboard, text: 'dashboards', needs: 'read' } },
})

const viewRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/dashboards/$id',
  component: lazyRouteComponent(() => import('./view'), 'DashboardPage'),
  validateSearch: readSearch,
  loader: ({ context, params, location, cause }) => {
    begin(context.queries, params.id, cause === 'enter' ? readSearch(location.search) : null)
    import('@/charts/engine').catch(() => undefined)
  },
})

const editRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/dashboards/$id/edit',
  component: lazyRouteComponent(() => import('./edit'), 'EditPage'),
  loader: ({ context, params, cause }) => {
    begin(context.queries, params.id, cause === 'enter' ? { live: false } : null)
  },
})

const publicRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/public/$link',
  component: lazyRouteComponent(() => import('./public'), 'PublicPage'),
  validateSearch: readSearch,
})

export const routes = [listRoute, viewRoute, editRoute] as const
export const outside = [publicRoute] as const
