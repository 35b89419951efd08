import { IconFileExport } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { insideRoute } from '@/shell/layout'
import { readOrder } from './search'

const exportsRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/exports',
  component: lazyRouteComponent(() => import('./list'), 'ExportsPage'),
  staticData: { nav: { order: 30, icon: IconFileExport, text: 'exports', needs: 'export' } },
})

const newRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/exports/new',
  component: lazyRouteComponent(() => import('./new'), 'NewExportPage'),
  validateSearch: readOrder,
})

const oneRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/exports/$id',
  component: lazyRouteComponent(() => import('./one'), 'ExportPage'),
})

export const routes = [exportsRoute, newRoute, oneRoute] as const
