import { IconDatabaseImport } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { insideRoute } from '@/shell/layout'

const streamsRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/streams',
  component: lazyRouteComponent(() => import('./page'), 'StreamsPage'),
  staticData: { nav: { order: 40, icon: IconDatabaseImport, text: 'streams', needs: 'operate' } },
})

const streamRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/streams/$stream',
  component: lazyRouteComponent(() => import('./stream'), 'StreamPage'),
})

export const routes = [streamsRoute, streamRoute] as const
