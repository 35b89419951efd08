import { Outlet } from '@tanstack/react-router'
import { Page } from '@/parts/page'
import { Subpages } from '@/parts/subpages'
import { useTexts } from '@/texts'

/** What the machine does by itself, and whether it does it. */
export function OperationsPage() {
  const texts = useTexts('operations')
  return (
    <Page title={texts.title} about={texts.lead}>
      <Subpages
        label={texts.title}
        places={[
          { to: '/operations', text: texts.jobs },
          { to: '/operations/schedules', text: texts.schedules },
          { to: '/operations/ledger', text: texts.ledger },
        ]}
      />
      <Outlet />
    </Page>
  )
}
