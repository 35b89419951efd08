import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useState, type SyntheticEvent, type ReactNode } from 'react'
import { useTexts } from '@/texts'
import { Refused, useRefusal } from './refused'

interface ConfirmProps {
  title: string
  about: ReactNode
  /** What has to be typed before anything happens: the name of what it is about. */
  name?: { value: string; label: string }
  submit: string
  isDanger?: boolean
  isReady?: boolean
  isPending: boolean
  error: unknown
  onSubmit: () => void
  onClose: () => void
  children?: ReactNode
}

/** Asks before something that cannot be taken back; what was typed stays when the server refuses. */
export function Confirm({
  title,
  about,
  name,
  submit,
  isDanger = true,
  isReady = true,
  isPending,
  error,
  onSubmit,
  onClose,
  children,
}: ConfirmProps) {
  const texts = useTexts('parts')
  const { rest } = useRefusal(error, {})
  const [typed, setTyped] = useState('')
  const may = isReady && (name === undefined || typed.trim() === name.value)
  const onForm = (event: SyntheticEvent) => {
    event.preventDefault()
    if (may) onSubmit()
  }
  return (
    <Modal opened onClose={onClose} title={title}>
      <form onSubmit={onForm}>
        <Stack gap="md">
          <Text size="sm">{about}</Text>
          {children}
          {name && (
            <TextInput
              label={name.label}
              value={typed}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => {
                setTyped(event.currentTarget.value)
              }}
            />
          )}
          <Refused said={rest} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {texts.cancel}
            </Button>
            <Button type="submit" color={isDanger ? 'red' : undefined} loading={isPending} disabled={!may}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
