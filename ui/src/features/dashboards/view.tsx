import { ActionIcon, Badge, Button, Skeleton } from '@mantine/core'
import { IconDots, IconMinimize, IconPencil, IconShare } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import { ButtonLink } from '@/parts/link'
import { Opening } from '@/parts/opening'
import { Page } from '@/parts/page'
import { Failed } from '@/parts/state'
import { useCatalogRead, useMetrics } from '@/questions/ask'
import { useHere } from '@/questions/here'
import type { Liveness } from '@/questions/live'
import { useTexts } from '@/texts'
import { Board } from './board'
import { Connection } from './connection'
import { Controls } from './controls'
import { useFullScreen } from './fullscreen'
import { PrintedHead } from './print'
import { dashboardQuery, type Dashboard } from './queries'
import { isShownLive, viewOf, type BoardSearch } from './search'

const route = getRouteApi('/inside/dashboards/$id')

/** A dashboard in view. */
export function DashboardPage() {
  const { id } = route.useParams()
  const found = useQuery(dashboardQuery(id))
  const isReady = useCatalogRead()
  if (found.data === undefined && found.isError)
    return <Failed error={found.error} retry={() => void found.refetch()} />
  if (found.data === undefined || !isReady) return <Skeleton height={400} radius="lg" />
  return <Shown dashboard={found.data} />
}

function Shown({ dashboard }: { dashboard: Dashboard }) {
  const { document } = dashboard
  const search = route.useSearch()
  const navigate = useNavigate()
  const here = useHere()
  const metrics = useMetrics()
  const [liveness, setLiveness] = useState<Liveness>('off')
  const view = useMemo(() => viewOf(document, search, here), [document, search, here])
  const isLive = isShownLive(document, search)
  const onSearch = useCallback(
    (next: BoardSearch) => {
      void navigate({ to: '/dashboards/$id', params: { id: dashboard.id }, search: next, resetScroll: false })
    },
    [navigate, dashboard.id],
  )
  useFullScreen(search.full === true, () => {
    onSearch({ ...search, full: undefined })
  })
  return (
    <Page
      title={document.title}
      about={document.about === '' ? undefined : document.about}
      actions={<PageActions dashboard={dashboard} search={search} onSearch={onSearch} />}
    >
      <PrintedHead view={view} here={here} />
      <Controls {...{ document, search, here, metrics, liveness, isLive, onSearch }} />
      <Connection state={liveness} />
      <Board {...{ document, view, search, isLive, onSearch }} missing={dashboard.missing} onLive={setLiveness} />
    </Page>
  )
}

const loadShare = () => import('./share')
const loadMore = () => import('./more')

export interface PageActionsProps {
  dashboard: Dashboard
  search: BoardSearch
  onSearch: (search: BoardSearch) => void
}

function PageActions({ dashboard, search, onSearch }: PageActionsProps) {
  const texts = useTexts('dashboards')
  const isFull = search.full === true
  if (isFull)
    return (
      <Button
        size="xs"
        variant="default"
        leftSection={<IconMinimize size={16} aria-hidden />}
        onClick={() => {
          onSearch({ ...search, full: undefined })
        }}
      >
        {texts.leaveFullScreen}
      </Button>
    )
  return (
    <>
      {dashboard.published && <Badge color="yellow">{texts.published}</Badge>}
      {dashboard.may_share && (
        <Opening popup="dialog" load={loadShare} given={{ dashboard }}>
          {(opener) => (
            <Button {...opener} size="xs" variant="default" leftSection={<IconShare size={16} aria-hidden />}>
              {texts.share}
            </Button>
          )}
        </Opening>
      )}
      {dashboard.may_edit && (
        <ButtonLink
          to="/dashboards/$id/edit"
          params={{ id: dashboard.id }}
          size="xs"
          leftSection={<IconPencil size={16} aria-hidden />}
        >
          {texts.edit}
        </ButtonLink>
      )}
      <Opening popup="menu" load={loadMore} given={{ dashboard, search, onSearch }}>
        {(opener) => (
          <ActionIcon {...opener} variant="default" size={30} aria-label={texts.moreOf(dashboard.title)}>
            <IconDots size={16} />
          </ActionIcon>
        )}
      </Opening>
    </>
  )
}
