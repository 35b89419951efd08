import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '@/shell/layout'

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (given: Record<string, unknown>): { next?: string | undefined } =>
    typeof given['next'] === 'string' ? { next: given['next'] } : {},
  component: lazyRouteComponent(() => import('./signin'), 'SignIn'),
})

const forgottenRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/forgotten',
  component: lazyRouteComponent(() => import('./forgotten'), 'Forgotten'),
})

// What the link is stands behind the #, which browsers send to nobody and no log keeps.
const linkRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/link',
  component: lazyRouteComponent(() => import('./link'), 'LinkPage'),
})

export const outside = [signInRoute, forgottenRoute, linkRoute] as const
