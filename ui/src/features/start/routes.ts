import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { insideRoute } from '@/shell/layout'

const startRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/start',
  component: lazyRouteComponent(() => import('./page'), 'StartPage'),
})

export const routes = [startRoute] as const
