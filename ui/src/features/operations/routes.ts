import { IconActivity } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { insideRoute } from '@/shell/layout'

const operationsRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/operations',
  component: lazyRouteComponent(() => import('./page'), 'OperationsPage'),
  staticData: { nav: { order: 60, icon: IconActivity, text: 'operations', needs: 'operate' } },
})

const jobsRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./overview'), 'Overview'),
})

const schedulesRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: 'schedules',
  component: lazyRouteComponent(() => import('./schedules'), 'Schedules'),
})

const ledgerRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: 'ledger',
  component: lazyRouteComponent(() => import('./ledger'), 'Ledger'),
})

export const routes = [operationsRoute.addChildren([jobsRoute, schedulesRoute, ledgerRoute])] as const
