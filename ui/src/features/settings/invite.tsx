import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take, type Schema } from '@/api/client'
import { Refused, useRefusal } from '@/parts/refused'
import { Snippet } from '@/parts/snippet'
import { When } from '@/parts/when'
import { useTexts } from '@/texts'
import { RolesSelect } from './role-select'

const FIELDS = {
  BAD_EMAIL: 'email',
  MEMBER_ALREADY: 'email',
  PERSON_DISABLED: 'email',
  NO_ROLES: 'roles',
  UNKNOWN_ROLE: 'roles',
  ROLE_TOO_WIDE: 'roles',
} as const

/** Asks whom to invite, and then shows the link, once, unless it was mailed. */
export function Invite({ onClose }: { onClose: () => void }) {
  const texts = useTexts('settings')
  const parts = useTexts('parts')
  const [given, setGiven] = useState({ email: '', roles: ['viewer'] })
  const queries = useQueryClient()
  const inviting = useMutation({
    mutationFn: () => take(client.POST('/v1/people', { body: given })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['people'] }),
  })
  const { at, rest } = useRefusal(inviting.error, FIELDS)
  return (
    <Modal opened onClose={onClose} title={texts.inviteTitle}>
      {inviting.data ? (
        <HandedOver made={inviting.data} whom={given.email} onClose={onClose} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            inviting.mutate()
          }}
        >
          <Stack>
            <Text size="sm" c="dimmed">
              {texts.inviteAbout}
            </Text>
            <TextInput
              label={texts.email}
              type="email"
              required
              data-autofocus
              value={given.email}
              error={at('email')}
              onChange={(event) => {
                setGiven({ ...given, email: event.currentTarget.value })
              }}
            />
            <RolesSelect
              value={given.roles}
              error={at('roles')}
              onChange={(roles) => {
                setGiven({ ...given, roles })
              }}
            />
            <Refused said={rest} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                {parts.cancel}
              </Button>
              <Button type="submit" loading={inviting.isPending}>
                {texts.inviteSubmit}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}

interface HandedOverProps {
  made: Schema['NewLinkOut']
  whom: string
  onClose: () => void
}

/** Where a link went: into a mail, or here to be handed over, now or never. */
export function HandedOver({ made, whom, onClose }: HandedOverProps) {
  const texts = useTexts('settings')
  const parts = useTexts('parts')
  return (
    <Stack>
      {made.link === null ? (
        <Alert color="green">{texts.mailed(whom)}</Alert>
      ) : (
        <>
          <Alert color="yellow">{texts.handOver(whom)}</Alert>
          <Snippet code={made.link} label={texts.link} />
        </>
      )}
      {made.until && (
        <Text size="sm" c="dimmed">
          {texts.linkUntil} <When at={made.until} />
        </Text>
      )}
      <Group justify="flex-end">
        <Button onClick={onClose}>{parts.close}</Button>
      </Group>
    </Stack>
  )
}
