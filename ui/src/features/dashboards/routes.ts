import { IconLayoutDashboard } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { metricsQuery } from '@/questions/ask'
import { insideRoute, rootRoute } from '@/shell/layout'
import { dashboardQuery, listQuery } from './queries'
import { readSearch } from './search'

// Whether it came is told where it is shown.
const toldLater = () => undefined

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
  // Everything that a board needs is asked for at once, not one after the other.
  loader: ({ context, params }) => {
    context.queries.query(dashboardQuery(params.id)).catch(toldLater)
    context.queries.query(metricsQuery).catch(toldLater)
    void import('@/charts/engine')
  },
})

const editRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/dashboards/$id/edit',
  component: lazyRouteComponent(() => import('./edit'), 'EditPage'),
  loader: ({ context, params }) => {
    context.queries.query(dashboardQuery(params.id)).catch(toldLater)
    context.queries.query(metricsQuery).catch(toldLater)
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
