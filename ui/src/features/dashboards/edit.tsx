import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useReducer, useRef, useState } from 'react'
import { useSession } from '@/api/session'
import { ButtonLink } from '@/parts/link'
import { tell } from '@/parts/notices'
import { Page } from '@/parts/page'
import { Failed } from '@/parts/state'
import { useCatalogRead } from '@/questions/ask'
import { useTexts } from '@/texts'
import { useAutosave } from './autosave'
import { Conflict } from './conflict'
import { draftOf, placeOfDraft } from './draft'
import { EditBar } from './editbar'
import { EditGrid } from './editgrid'
import { edited, opened, type Editing, type Step } from './editing'
import { dashboardQuery, type Dashboard } from './queries'
import { SettingsDrawer } from './settings'
import { Versions } from './versions'
import { WidgetDrawer } from './widgetform'

const route = getRouteApi('/inside/dashboards/$id/edit')

/** A dashboard being edited. */
export function EditPage() {
  const { id } = route.useParams()
  // What is being edited is not taken away by what is asked anew.
  const found = useQuery({ ...dashboardQuery(id), staleTime: Infinity })
  const isReady = useCatalogRead()
  if (found.data === undefined && found.isError)
    return <Failed error={found.error} retry={() => void found.refetch()} />
  if (found.data === undefined || !isReady) return <Skeleton height={400} radius="lg" />
  return <Editor key={id} dashboard={found.data} />
}

type Panel = { readonly of: 'widget'; readonly id: string } | { readonly of: 'settings' | 'versions' } | null

function Editor({ dashboard }: { dashboard: Dashboard }) {
  const texts = useTexts('dashboards')
  const place = placeOfDraft(useSession().id, dashboard.id)
  const [draft] = useState(() => draftOf(place))
  const [editing, step] = useReducer(edited, draft?.document ?? dashboard.document, opened)
  // A draft of an older version meets the newer one when it is saved, and then there is a choice.
  const saving = useAutosave(draft === null ? dashboard : { ...dashboard, version: draft.version }, editing.now, place)
  const [panel, setPanel] = useState<Panel>(null)
  const said = useRef<HTMLDivElement>(null)
  const announce = (text: string) => {
    if (said.current !== null) said.current.textContent = text
  }
  useEffect(() => {
    if (draft !== null) tell({ message: texts.draftFound })
  }, [draft, texts])
  const close = () => {
    setPanel(null)
  }
  const adopt = (now: Dashboard) => {
    saving.rebase(now)
    step({ type: 'open', document: now.document })
  }
  return (
    <Page
      title={editing.now.title}
      actions={
        <ButtonLink to="/dashboards/$id" params={{ id: dashboard.id }} size="xs">
          {texts.done}
        </ButtonLink>
      }
    >
      <EditBar editing={editing} saving={saving} step={step} announce={announce} onPanel={setPanel} />
      <EditGrid
        editing={editing}
        step={step}
        announce={announce}
        onOpen={(id) => {
          setPanel({ of: 'widget', id })
        }}
      />
      <div ref={said} role="status" aria-live="polite" className="visually-hidden" />
      <Panels panel={panel} editing={editing} dashboard={dashboard} step={step} onClose={close} />
      {saving.state === 'conflict' && (
        <Conflict id={dashboard.id} problem={saving.error} mine={editing.now} onTake={adopt} />
      )}
    </Page>
  )
}

interface PanelsProps {
  panel: Panel
  editing: Editing
  dashboard: Dashboard
  step: (step: Step) => void
  onClose: () => void
}

/** What is open beside the board. */
function Panels({ panel, editing, dashboard, step, onClose }: PanelsProps) {
  if (panel === null) return null
  if (panel.of === 'widget') {
    const widget = editing.now.widgets.find(({ id }) => id === panel.id)
    return widget === undefined ? null : <WidgetDrawer key={widget.id} widget={widget} step={step} onClose={onClose} />
  }
  if (panel.of === 'settings') return <SettingsDrawer document={editing.now} step={step} onClose={onClose} />
  return <Versions dashboard={dashboard} step={step} onClose={onClose} />
}
