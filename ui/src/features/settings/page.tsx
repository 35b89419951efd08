import { Outlet } from '@tanstack/react-router'
import { useMay } from '@/api/session'
import { Page } from '@/parts/page'
import { Subpages } from '@/parts/subpages'
import { useTexts } from '@/texts'

/** What the workspace is set to, who may do what in it, and what they did. */
export function SettingsPage() {
  const texts = useTexts('settings')
  const mayPeople = useMay('people')
  const places = [
    { to: '/settings', text: texts.workspace },
    ...(mayPeople ? [{ to: '/settings/people', text: texts.people } as const] : []),
    { to: '/settings/roles', text: texts.roles },
    { to: '/settings/tokens', text: texts.tokens },
    { to: '/settings/audit', text: texts.audit },
  ] as const
  return (
    <Page title={texts.title} about={texts.lead}>
      <Subpages label={texts.title} places={places} />
      <Outlet />
    </Page>
  )
}
