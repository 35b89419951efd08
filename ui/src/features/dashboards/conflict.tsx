// Two people edited one dashboard: nothing is overwritten, and nothing is lost.
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Problem } from '@/api/problem'
import { useSession } from '@/api/session'
import type { Document } from '@/boards/document'
import { useProblemText } from '@/parts/state'
import { useFormats, useTexts } from '@/texts'
import { clearDraft, placeOfDraft } from './draft'
import { dashboardQuery, listQuery, make, type Dashboard } from './queries'

interface ConflictProps {
  id: string
  problem: Problem | null
  mine: Document
  onTake: (now: Dashboard) => void
}

/** The choice between what somebody else saved and what is here. */
export function Conflict({ id, problem, mine, onTake }: ConflictProps) {
  const texts = useTexts('dashboards')
  const said = useProblemText()
  const { taking, keeping } = useWays({ id, mine, onTake })
  const error = taking.error ?? keeping.error
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={texts.conflictTitle}
    >
      <Stack gap="md">
        <About problem={problem} />
        {error !== null && (
          <Alert color="red" role="alert" p="xs">
            {said(error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button
            variant="default"
            loading={taking.isPending}
            onClick={() => {
              taking.mutate()
            }}
          >
            {texts.takeTheirs}
          </Button>
          <Button
            loading={keeping.isPending}
            onClick={() => {
              keeping.mutate()
            }}
          >
            {texts.keepMine}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** What somebody else saved and when, in a sentence. */
function About({ problem }: Pick<ConflictProps, 'problem'>) {
  const texts = useTexts('dashboards')
  const session = useSession()
  const formats = useFormats(session.zone)
  const told = problem?.document as { changed_at?: string; changed_by?: { name?: string | null } | null } | undefined
  const when = told?.changed_at === undefined ? '' : formats.dateTime(told.changed_at)
  return <Text size="sm">{texts.conflictAbout(told?.changed_by?.name ?? texts.somebody, when)}</Text>
}

function useWays({ id, mine, onTake }: Omit<ConflictProps, 'problem'>) {
  const texts = useTexts('dashboards')
  const place = placeOfDraft(useSession().id, id)
  const queries = useQueryClient()
  const navigate = useNavigate()
  const taking = useMutation({
    mutationFn: () => queries.query({ ...dashboardQuery(id), staleTime: 0 }),
    onSuccess: (now) => {
      clearDraft(place)
      onTake(now)
    },
  })
  const keeping = useMutation({
    mutationFn: () => make({ ...mine, title: texts.copyTitle(mine.title).slice(0, 120) }),
    onSuccess: async (made) => {
      clearDraft(place)
      void queries.invalidateQueries({ queryKey: listQuery.queryKey })
      await navigate({ to: '/dashboards/$id/edit', params: { id: made.id } })
    },
  })
  return { taking, keeping }
}
