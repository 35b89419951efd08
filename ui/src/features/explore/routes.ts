import { IconCompass } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { catalogQuery } from '@/questions/ask'
import { insideRoute } from '@/shell/layout'
import { readExplore } from './search'

const exploreRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/explore',
  component: lazyRouteComponent(() => import('./page'), 'ExplorePage'),
  validateSearch: readExplore,
  loader: ({ context }) => {
    void context.queries.query(catalogQuery).catch(() => undefined)
    import('@/charts/engine').catch(() => undefined)
  },
  staticData: { nav: { order: 20, icon: IconCompass, text: 'explore', needs: 'read' } },
})

const customRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/explore/metrics',
  component: lazyRouteComponent(() => import('./custom/list'), 'CustomMetricsPage'),
})

const newMetricRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/explore/metrics/new',
  component: lazyRouteComponent(() => import('./custom/edit'), 'NewMetricPage'),
  validateSearch: (given: Record<string, unknown>): { formula?: string | undefined } => ({
    formula: typeof given['formula'] === 'string' ? given['formula'] : undefined,
  }),
})

const metricRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/explore/metrics/$name',
  component: lazyRouteComponent(() => import('./custom/edit'), 'EditMetricPage'),
})

export const routes = [exploreRoute, customRoute, newMetricRoute, metricRoute] as const
