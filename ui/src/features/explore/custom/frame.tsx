import type { ReactNode } from 'react'
import { Page } from '@/parts/page'
import { Subpages } from '@/parts/subpages'
import { useTexts } from '@/texts'

/** A page of Explore: its title, its parts, and what is shown of them. */
export function Frame({ actions, children }: { actions?: ReactNode; children: ReactNode }) {
  const texts = useTexts('explore')
  const custom = useTexts('custom')
  return (
    <Page title={texts.title} about={texts.about} actions={actions}>
      <Subpages
        label={texts.tabs}
        places={[
          { to: '/explore', text: texts.ask },
          { to: '/explore/metrics', text: custom.title },
        ]}
      />
      {children}
    </Page>
  )
}
