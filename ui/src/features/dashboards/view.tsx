import { ActionIcon, Badge, Button, Menu, Skeleton } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import {
  IconCopy,
  IconDots,
  IconMaximize,
  IconMinimize,
  IconPencil,
  IconPrinter,
  IconShare,
  IconTrash,
} from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import { useMay } from '@/api/session'
import { ButtonLink } from '@/parts/link'
import { Page } from '@/parts/page'
import { Failed, useProblemText } from '@/parts/state'
import { useCatalogRead, useMetrics } from '@/questions/ask'
import { useHere } from '@/questions/here'
import type { Liveness } from '@/questions/live'
import { useTexts } from '@/texts'
import { Board } from './board'
import { Connection } from './connection'
import { Controls } from './controls'
import { fillScreen, useFullScreen } from './fullscreen'
import { PrintedHead, usePrint } from './print'
import { dashboardQuery, listQuery, make, remove, type Dashboard } from './queries'
import { isShownLive, viewOf, type BoardSearch } from './search'
import { ShareDialog } from './share'

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

interface PageActionsProps {
  dashboard: Dashboard
  search: BoardSearch
  onSearch: (search: BoardSearch) => void
}

function PageActions({ dashboard, search, onSearch }: PageActionsProps) {
  const texts = useTexts('dashboards')
  const [isSharing, setSharing] = useState(false)
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
        <Button
          size="xs"
          variant="default"
          leftSection={<IconShare size={16} aria-hidden />}
          onClick={() => {
            setSharing(true)
          }}
        >
          {texts.share}
        </Button>
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
      <MoreMenu dashboard={dashboard} search={search} onSearch={onSearch} />
      {isSharing && (
        <ShareDialog
          dashboard={dashboard}
          onClose={() => {
            setSharing(false)
          }}
        />
      )}
    </>
  )
}

function MoreMenu({ dashboard, search, onSearch }: PageActionsProps) {
  const texts = useTexts('dashboards')
  const copying = useCopy(dashboard)
  const mayCopy = useMay('compose')
  const onRemove = useRemove(dashboard)
  const print = usePrint()
  return (
    <Menu position="bottom-end" shadow="md" width={200}>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={texts.moreOf(dashboard.title)}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {mayCopy && (
          <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={copying}>
            {texts.copy}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconMaximize size={16} aria-hidden />}
          onClick={() => {
            fillScreen()
            onSearch({ ...search, full: true })
          }}
        >
          {texts.fullScreen}
        </Menu.Item>
        <Menu.Item leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => void print()}>
          {texts.print}
        </Menu.Item>
        {dashboard.may_edit && (
          <>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={onRemove}>
              {texts.remove}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

function useCopy(dashboard: Dashboard): () => void {
  const texts = useTexts('dashboards')
  const said = useProblemText()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const copying = useMutation({
    mutationFn: () => make({ ...dashboard.document, title: texts.copyTitle(dashboard.document.title).slice(0, 120) }),
    onSuccess: async (made) => {
      void queries.invalidateQueries({ queryKey: listQuery.queryKey, exact: true })
      notifications.show({ message: texts.copied })
      await navigate({ to: '/dashboards/$id/edit', params: { id: made.id } })
    },
    onError: (error) => notifications.show({ color: 'red', message: said(error) }),
  })
  return () => {
    copying.mutate()
  }
}

function useRemove(dashboard: Dashboard): () => void {
  const texts = useTexts('dashboards')
  const parts = useTexts('parts')
  const said = useProblemText()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const removing = useMutation({
    mutationFn: () => remove(dashboard.id),
    onSuccess: async () => {
      void queries.invalidateQueries({ queryKey: listQuery.queryKey, exact: true })
      notifications.show({ message: texts.removed })
      await navigate({ to: '/dashboards' })
    },
    onError: (error) => notifications.show({ color: 'red', message: said(error) }),
  })
  return () => {
    modals.openConfirmModal({
      title: texts.removeTitle,
      children: texts.removeAbout(dashboard.title),
      labels: { confirm: texts.remove, cancel: parts.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => {
        removing.mutate()
      },
    })
  }
}
