import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take } from '@/api/client'
import { Confirm } from '@/parts/confirm'
import { tell } from '@/parts/notices'
import { useTexts } from '@/texts'

/** Gives the workspace another name, for whoever may. */
export function Rename({ id, name }: { id: string; name: string }) {
  const texts = useTexts('settings')
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <Button
        size="compact-sm"
        variant="light"
        onClick={() => {
          setAsking(true)
        }}
      >
        {texts.rename}
      </Button>
      {isAsking && (
        <NewName
          id={id}
          name={name}
          onClose={() => {
            setAsking(false)
          }}
        />
      )}
    </>
  )
}

function NewName({ id, name: old, onClose }: { id: string; name: string; onClose: () => void }) {
  const texts = useTexts('settings')
  const queries = useQueryClient()
  const [name, setName] = useState(old)
  const renaming = useMutation({
    mutationFn: () => take(client.PATCH('/v1/workspaces/{id}', { params: { path: { id } }, body: { name } })),
    onSuccess: async () => {
      tell({ message: texts.changed, tone: 'good' })
      onClose()
      await Promise.all(['session', 'settings'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
    },
  })
  return (
    <Confirm
      title={texts.renameTitle(old)}
      about={texts.renameAbout}
      submit={texts.renameSubmit}
      isDanger={false}
      isReady={name !== '' && name !== old}
      isPending={renaming.isPending}
      error={renaming.error}
      onSubmit={() => {
        renaming.mutate()
      }}
      onClose={onClose}
    >
      <TextInput
        label={texts.name}
        description={texts.renameRule}
        value={name}
        maxLength={40}
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setName(event.currentTarget.value)
        }}
      />
    </Confirm>
  )
}
