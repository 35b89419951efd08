// Who sees a dashboard: roles, and with a link anybody.
import { Alert, Button, Group, Modal, MultiSelect, Stack, Switch, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take } from '@/api/client'
import type { Opened } from '@/parts/opening'
import { Snippet } from '@/parts/snippet'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'
import { dashboardQuery, listQuery, share, type Dashboard } from './queries'

/** A dialog about who sees a dashboard. */
export default function ShareDialog({ dashboard, opened }: { dashboard: Dashboard; opened: Opened }) {
  if (!opened.isOpen) return null
  const close = () => {
    opened.onOpen(false)
  }
  return <Sharing id={`${opened.id}-dropdown`} dashboard={dashboard} onClose={close} />
}

function Sharing({ id, dashboard, onClose }: { id: string; dashboard: Dashboard; onClose: () => void }) {
  const texts = useTexts('dashboards')
  const parts = useTexts('parts')
  const said = useProblemText()
  const [roles, setRoles] = useState<string[]>(dashboard.shared)
  const [isPublished, setPublished] = useState(dashboard.published)
  const known = useRoles(dashboard.shared)
  const sharing = useSharing(dashboard, onClose)
  const link = sharing.data?.link ?? dashboard.link
  return (
    <Modal id={id} opened onClose={onClose} title={texts.shareTitle}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {texts.shareAbout}
        </Text>
        <MultiSelect
          label={texts.roles}
          data={known}
          value={roles}
          onChange={setRoles}
          clearable
          comboboxProps={{ withinPortal: true }}
        />
        <Switch
          label={texts.publish}
          description={dashboard.may_publish ? texts.publishAbout : texts.publishOnly}
          disabled={!dashboard.may_publish}
          checked={isPublished}
          onChange={(event) => {
            setPublished(event.currentTarget.checked)
          }}
        />
        {isPublished && link !== null && <Snippet code={`${location.origin}/app/public/${link}`} label={texts.link} />}
        {sharing.isError && (
          <Alert color="red" role="alert" p="xs">
            {said(sharing.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {sharing.isSuccess ? parts.close : parts.cancel}
          </Button>
          <Button
            loading={sharing.isPending}
            onClick={() => {
              sharing.mutate({ roles, isPublished })
            }}
          >
            {parts.save}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function useSharing(dashboard: Dashboard, onClose: () => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (wanted: { roles: string[]; isPublished: boolean }) =>
      share(dashboard.id, wanted.roles, wanted.isPublished),
    onSuccess: (now) => {
      queries.setQueryData(dashboardQuery(dashboard.id).queryKey, now)
      void queries.invalidateQueries({ queryKey: listQuery.queryKey, exact: true })
      if (now.link === null) onClose()
    },
  })
}

function useRoles(shared: readonly string[]): string[] {
  const found = useQuery({ queryKey: ['roles', 'names'], queryFn: roleNames })
  return [...new Set([...shared, ...(found.data ?? [])])].sort()
}

async function roleNames({ signal }: { signal: AbortSignal }): Promise<string[]> {
  return (await take(client.GET('/v1/roles', { signal }))).roles.map(({ name }) => name)
}
