// What an owner does with a member: each a dialog that says what it means.
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take, type Schema } from '@/api/client'
import { Confirm } from '@/parts/confirm'
import { tell } from '@/parts/notices'
import { Refused, useRefusal } from '@/parts/refused'
import { useFormats, useTexts } from '@/texts'
import { HandedOver } from './invite'
import type { Person } from './queries'
import { RolesSelect } from './role-select'
import { TeamField } from './teams-card'

interface MemberProps {
  person: Person
  onClose: () => void
}

const FIELDS = { NO_ROLES: 'roles', UNKNOWN_ROLE: 'roles', ROLE_TOO_WIDE: 'roles', LAST_OWNER: 'roles' } as const

/** Gives a member other roles, and says who they are in records. */
export function ChangeRoles({ person, onClose }: MemberProps) {
  const texts = useTexts('settings')
  const parts = useTexts('parts')
  const [given, setGiven] = useState({ roles: person.roles, actor: person.actor ?? '', team: person.team ?? '' })
  const done = useDone(onClose)
  const path = { id: person.id }
  const changing = useMutation({
    mutationFn: () => take(client.PUT('/v1/people/{id}/roles', { params: { path }, body: given })),
    onSuccess: done,
  })
  const { at, rest } = useRefusal(changing.error, FIELDS)
  return (
    <Modal opened onClose={onClose} title={texts.changeRolesOf(person.name)}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          changing.mutate()
        }}
      >
        <Stack>
          <RolesSelect
            value={given.roles}
            error={at('roles')}
            onChange={(roles) => {
              setGiven({ ...given, roles })
            }}
          />
          <TextInput
            label={texts.actor}
            description={texts.actorAbout}
            value={given.actor}
            onChange={(event) => {
              setGiven({ ...given, actor: event.currentTarget.value })
            }}
          />
          <TeamField
            value={given.team}
            onChange={(team) => {
              setGiven({ ...given, team })
            }}
          />
          <Text size="xs" c="dimmed">
            {texts.changeRolesAbout}
          </Text>
          <Refused said={rest} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {parts.cancel}
            </Button>
            <Button type="submit" loading={changing.isPending}>
              {parts.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** Makes a link with which a member sets another password. */
export function ResetLink({ person, onClose }: MemberProps) {
  const texts = useTexts('settings')
  const path = { id: person.id }
  const making = useMutation({ mutationFn: () => take(client.POST('/v1/people/{id}/password', { params: { path } })) })
  if (making.data) {
    return (
      <Modal opened onClose={onClose} title={texts.newPasswordOf(person.name)}>
        <HandedOver made={making.data} whom={person.email} onClose={onClose} />
      </Modal>
    )
  }
  return (
    <Confirm
      title={texts.newPasswordOf(person.name)}
      about={texts.newPasswordAbout}
      submit={texts.newPasswordSubmit}
      isDanger={false}
      isPending={making.isPending}
      error={making.error}
      onSubmit={() => {
        making.mutate()
      }}
      onClose={onClose}
    />
  )
}

/** Shuts a member out until they are let in again. */
export function ShutOut({ person, onClose }: MemberProps) {
  const texts = useTexts('settings')
  const done = useDone(onClose)
  const path = { id: person.id }
  const shutting = useMutation({
    mutationFn: () => take(client.POST('/v1/people/{id}/disable', { params: { path } })),
    onSuccess: done,
  })
  return (
    <Confirm
      title={texts.shutOutTitle(person.name)}
      about={texts.shutOutAbout}
      submit={texts.shutOutSubmit}
      isPending={shutting.isPending}
      error={shutting.error}
      onSubmit={() => {
        shutting.mutate()
      }}
      onClose={onClose}
    />
  )
}

/** Lets a member in again who was shut out. */
export function Enable({ person, onClose }: MemberProps) {
  const texts = useTexts('settings')
  const done = useDone(onClose)
  const path = { id: person.id }
  const enabling = useMutation({
    mutationFn: () => take(client.POST('/v1/people/{id}/enable', { params: { path } })),
    onSuccess: () => done(),
  })
  return (
    <Confirm
      title={texts.letInTitle(person.name)}
      about={texts.letInAbout}
      submit={texts.letInSubmit}
      isDanger={false}
      isPending={enabling.isPending}
      error={enabling.error}
      onSubmit={() => {
        enabling.mutate()
      }}
      onClose={onClose}
    />
  )
}

/** Takes a member out of the workspace. */
export function Remove({ person, onClose }: MemberProps) {
  const texts = useTexts('settings')
  const done = useDone(onClose)
  const path = { id: person.id }
  const removing = useMutation({
    mutationFn: () => take(client.DELETE('/v1/people/{id}', { params: { path } })),
    onSuccess: done,
  })
  return (
    <Confirm
      title={texts.removeTitle(person.name)}
      about={texts.removeAbout}
      name={{ value: person.email, label: texts.removeConfirm(person.email) }}
      submit={texts.removeSubmit}
      isPending={removing.isPending}
      error={removing.error}
      onSubmit={() => {
        removing.mutate()
      }}
      onClose={onClose}
    />
  )
}

/** Closes the dialog, says what ended along with it, and looks at the people again. */
function useDone(onClose: () => void): (gone?: Schema['GoneOut']) => Promise<void> {
  const texts = useTexts('settings')
  const formats = useFormats()
  const queries = useQueryClient()
  return async (gone) => {
    const ended = gone && (gone.sessions > 0 || gone.tokens.length > 0)
    const message = ended ? texts.ended(formats.count(gone.sessions), formats.count(gone.tokens.length)) : texts.changed
    tell({ message, tone: 'good' })
    onClose()
    await queries.invalidateQueries({ queryKey: ['people'] })
  }
}
