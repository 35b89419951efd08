// Puts an exploration on a dashboard: one of the person's own, or a new one.
import { Anchor, Button, Group, Modal, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { tell } from '@/parts/notices'
import { Refused, useRefusal } from '@/parts/refused'
import { useTexts } from '@/texts'
import { widgetOf, type Asking } from './asking'
import { dashboardsQuery, saveAnew, saveTo } from './keep'
import { rangeFrom, type ExploreSearch } from './search'

const NEW = 'new'
type As = 'chart' | 'table'

interface SaveDialogProps {
  search: ExploreSearch
  asking: Asking
  title: string
  onClose: () => void
}

/** A dialog that asks where to, and what it is called there. */
export function SaveDialog({ search, asking, title: given, onClose }: SaveDialogProps) {
  const texts = useTexts('explore')
  const list = useQuery(dashboardsQuery)
  const [title, setTitle] = useState(given.slice(0, 120))
  const [to, setTo] = useState(NEW)
  const [board, setBoard] = useState(given.slice(0, 120))
  const [as, setAs] = useState<As>('chart')
  const saving = useSaving(onClose)
  const own = (list.data?.dashboards ?? []).filter((one) => one.may_edit)
  const submit = () => {
    const widget = { ...widgetOf(search, asking, as), title: title.trim() }
    const refresh = list.data?.refresh ?? 300
    saving.mutate(() =>
      to === NEW
        ? saveAnew(board.trim(), rangeFrom(search), refresh, widget)
        : saveTo(to, widget, (count) => texts.full(count), list.data?.widgets ?? Infinity),
    )
  }
  return (
    <Modal opened onClose={onClose} title={texts.saveTitle}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack gap="md">
          <TextInput
            label={texts.name}
            required
            maxLength={120}
            data-autofocus
            value={title}
            onChange={(event) => {
              setTitle(event.currentTarget.value)
            }}
          />
          <ShownAs as={as} onAs={setAs} />
          <Place {...{ own, to, board }} onTo={setTo} onBoard={setBoard} />
          <Bottom error={saving.error ?? list.error} isPending={saving.isPending} onClose={onClose} />
        </Stack>
      </form>
    </Modal>
  )
}

function useSaving(onClose: () => void) {
  const texts = useTexts('explore')
  const queries = useQueryClient()
  const router = useRouter()
  return useMutation({
    mutationFn: (save: () => Promise<{ id: string; title: string }>) => save(),
    onSuccess: ({ id, title }) => {
      void queries.invalidateQueries({ queryKey: ['dashboards'] })
      const { href } = router.buildLocation({ to: '/dashboards/$id', params: { id } })
      const open = () => void router.navigate({ to: '/dashboards/$id', params: { id } })
      const message = (
        <Anchor
          href={router.history.createHref(href)}
          onClick={(event) => {
            event.preventDefault()
            open()
          }}
        >
          {texts.open}
        </Anchor>
      )
      tell({ title: texts.saved(title), message })
      onClose()
    },
  })
}

function ShownAs({ as, onAs }: { as: As; onAs: (as: As) => void }) {
  const texts = useTexts('explore')
  return (
    <div>
      <Text size="sm" fw={500} mb={4} aria-hidden>
        {texts.shownAs}
      </Text>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={texts.shownAs}
        data={[
          { value: 'chart', label: texts.asChart },
          { value: 'table', label: texts.asTable },
        ]}
        value={as}
        onChange={onAs}
      />
    </div>
  )
}

function Bottom({ error, isPending, onClose }: { error: unknown; isPending: boolean; onClose: () => void }) {
  const parts = useTexts('parts')
  const { rest } = useRefusal(error, {})
  return (
    <>
      <Refused said={rest} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {parts.cancel}
        </Button>
        <Button type="submit" loading={isPending}>
          {parts.save}
        </Button>
      </Group>
    </>
  )
}

interface PlaceProps {
  own: readonly { id: string; title: string }[]
  to: string
  board: string
  onTo: (to: string) => void
  onBoard: (board: string) => void
}

function Place({ own, to, board, onTo, onBoard }: PlaceProps) {
  const texts = useTexts('explore')
  return (
    <>
      <Select
        label={texts.dashboard}
        allowDeselect={false}
        searchable={own.length > 8}
        data={[{ value: NEW, label: texts.newDashboard }, ...own.map((one) => ({ value: one.id, label: one.title }))]}
        value={to}
        onChange={(id) => {
          onTo(id ?? NEW)
        }}
      />
      {to === NEW && (
        <TextInput
          label={texts.newTitle}
          required
          maxLength={120}
          value={board}
          onChange={(event) => {
            onBoard(event.currentTarget.value)
          }}
        />
      )}
    </>
  )
}
