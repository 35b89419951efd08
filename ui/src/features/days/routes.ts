import { IconCalendarCheck } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { insideRoute } from '@/shell/layout'

/** How many days the plan looks ahead; the server takes 31 at most, as it reads each file of what would go. */
export const AHEAD: readonly number[] = [7, 14, 30]

export interface DaysSearch {
  /** A calendar year; without one, the last twelve months. */
  year?: number | undefined
  as?: 'list' | undefined
}

const daysRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/days',
  component: lazyRouteComponent(() => import('./page'), 'DaysPage'),
  staticData: { nav: { order: 30, icon: IconCalendarCheck, text: 'days', needs: 'operate' } },
  validateSearch: (given: Record<string, unknown>): DaysSearch => ({
    year: Number.isInteger(given['year']) ? Number(given['year']) : undefined,
    as: given['as'] === 'list' ? 'list' : undefined,
  }),
})

// The calendar stays where it is while one of its days is open.
const calendarRoute = createRoute({
  getParentRoute: () => daysRoute,
  id: 'calendar',
  component: lazyRouteComponent(() => import('./board'), 'Board'),
})

const boardRoute = createRoute({ getParentRoute: () => calendarRoute, path: '/' })

const dayRoute = createRoute({
  getParentRoute: () => calendarRoute,
  path: '$stream/$day',
  component: lazyRouteComponent(() => import('./day'), 'DayDrawer'),
})

const deletionRoute = createRoute({
  getParentRoute: () => daysRoute,
  path: 'deletion',
  component: lazyRouteComponent(() => import('./deletion'), 'Deletion'),
  validateSearch: (given: Record<string, unknown>): { ahead?: number | undefined } => ({
    ahead: AHEAD.find((days) => days === given['ahead']),
  }),
})

export const routes = [
  daysRoute.addChildren([deletionRoute, calendarRoute.addChildren([boardRoute, dayRoute])]),
] as const
