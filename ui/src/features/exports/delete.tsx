import { useMutation, useQueryClient } from '@tanstack/react-query'
import { humanised } from '@/answer/numbers'
import { client, take } from '@/api/client'
import { Confirm } from '@/parts/confirm'
import { useTexts } from '@/texts'
import type { Export } from './queries'

interface DeleteProps {
  one: Export
  onClose: () => void
  onDone?: () => Promise<void>
}

/** Deletes a file before its time, after asking. */
export function Delete({ one, onClose, onDone }: DeleteProps) {
  const texts = useTexts('exports')
  const queries = useQueryClient()
  const deleting = useMutation({
    mutationFn: () => take(client.DELETE('/v1/exports/{id}', { params: { path: { id: one.id } } })),
    onSuccess: async () => {
      onClose()
      await onDone?.()
      await queries.invalidateQueries({ queryKey: ['exports'], exact: true })
    },
  })
  return (
    <Confirm
      title={texts.deleteTitle(humanised(one.dataset))}
      about={texts.deleteAbout}
      submit={texts.delete}
      isPending={deleting.isPending}
      error={deleting.error}
      onSubmit={() => {
        deleting.mutate()
      }}
      onClose={onClose}
    />
  )
}
