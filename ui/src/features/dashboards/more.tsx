// What else can be done with a dashboard in view.
import { Menu } from '@mantine/core'
import { IconCopy, IconMaximize, IconPrinter, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '@/api/session'
import { Confirm } from '@/parts/confirm'
import { tell } from '@/parts/notices'
import { OpenedMenu } from '@/parts/opened'
import type { Opened } from '@/parts/opening'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'
import { fillScreen } from './fullscreen'
import { listQuery, make, remove, type Dashboard } from './queries'
import type { PageActionsProps } from './view'

/** The menu of it. */
export default function MoreMenu({ dashboard, search, onSearch, opened }: PageActionsProps & { opened: Opened }) {
  const texts = useTexts('dashboards')
  const copying = useCopy(dashboard)
  const mayCopy = useMay('compose')
  const [isRemoving, setRemoving] = useState(false)
  return (
    <>
      <OpenedMenu opened={opened} position="bottom-end" width={200}>
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
        <Menu.Item leftSection={<IconPrinter size={16} aria-hidden />} onClick={printLater}>
          {texts.print}
        </Menu.Item>
        {dashboard.may_edit && (
          <>
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => {
                setRemoving(true)
              }}
            >
              {texts.remove}
            </Menu.Item>
          </>
        )}
      </OpenedMenu>
      {isRemoving && (
        <Removal
          dashboard={dashboard}
          onClose={() => {
            setRemoving(false)
          }}
        />
      )}
    </>
  )
}

/** The dialog of the browser holds everything: the menu has to be gone before. */
function printLater(): void {
  setTimeout(() => {
    globalThis.print()
  })
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
      tell({ message: texts.copied })
      await navigate({ to: '/dashboards/$id/edit', params: { id: made.id } })
    },
    onError: (error) => {
      tell({ tone: 'bad', message: said(error) })
    },
  })
  return () => {
    copying.mutate()
  }
}

function Removal({ dashboard, onClose }: { dashboard: Dashboard; onClose: () => void }) {
  const texts = useTexts('dashboards')
  const navigate = useNavigate()
  const queries = useQueryClient()
  const removing = useMutation({
    mutationFn: () => remove(dashboard.id),
    onSuccess: async () => {
      void queries.invalidateQueries({ queryKey: listQuery.queryKey, exact: true })
      tell({ message: texts.removed })
      await navigate({ to: '/dashboards' })
    },
  })
  return (
    <Confirm
      title={texts.removeTitle}
      about={texts.removeAbout(dashboard.title)}
      submit={texts.remove}
      isPending={removing.isPending}
      error={removing.error}
      onSubmit={() => {
        removing.mutate()
      }}
      onClose={onClose}
    />
  )
}
