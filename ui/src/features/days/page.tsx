import { Outlet } from '@tanstack/react-router'
import { Page } from '@/parts/page'
import { Subpages } from '@/parts/subpages'
import { useTexts } from '@/texts'

/** The days of all streams: what has become of each, and what goes next. */
export function DaysPage() {
  const texts = useTexts('days')
  return (
    <Page title={texts.title} about={texts.lead}>
      <Subpages
        label={texts.title}
        places={[
          { to: '/days', text: texts.tabCalendar },
          { to: '/days/deletion', text: texts.tabDeletion },
        ]}
      />
      <Outlet />
    </Page>
  )
}
