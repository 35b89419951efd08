import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { insideRoute } from '@/shell/layout'

const accountRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('./page'), 'AccountPage'),
})

export const routes = [accountRoute] as const
