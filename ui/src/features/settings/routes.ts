import { IconSettings } from '@tabler/icons-react'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { insideRoute } from '@/shell/layout'

const settingsRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./page'), 'SettingsPage'),
  staticData: { nav: { order: 70, icon: IconSettings, text: 'settings', needs: 'administer' } },
})

const workspaceRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./workspace'), 'Workspace'),
})

const peopleRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'people',
  component: lazyRouteComponent(() => import('./people'), 'People'),
})

const rolesRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'roles',
  component: lazyRouteComponent(() => import('./roles'), 'Roles'),
})

const tokensRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'tokens',
  component: lazyRouteComponent(() => import('./tokens'), 'Tokens'),
})

export interface AuditSearch {
  kind?: string | undefined
  caller?: string | undefined
  from?: string | undefined
  to?: string | undefined
}

const text = (given: unknown) => (typeof given === 'string' && given !== '' ? given : undefined)

const auditRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'audit',
  component: lazyRouteComponent(() => import('./audit'), 'Audit'),
  validateSearch: (given: Record<string, unknown>): AuditSearch => ({
    kind: text(given['kind']),
    caller: text(given['caller']),
    from: text(given['from']),
    to: text(given['to']),
  }),
})

export const routes = [
  settingsRoute.addChildren([workspaceRoute, peopleRoute, rolesRoute, tokensRoute, auditRoute]),
] as const
