import { Alert, Button, Group, Modal, MultiSelect, Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take } from '@/api/client'
import { Refused, useRefusal } from '@/parts/refused'
import { Snippet } from '@/parts/snippet'
import { useTexts } from '@/texts'
import { streamNamesQuery } from './queries'
import { RoleSelect } from './role-select'

const FIELDS = {
  BAD_NAME: 'name',
  UNKNOWN_ROLE: 'role',
  ROLE_TOO_WIDE: 'role',
  UNKNOWN_STREAM: 'streams',
  BAD_DAYS: 'days',
} as const

interface Given {
  name: string
  role: string | null
  streams: string[]
  days: string
}

const LENGTHS = ['30', '90', '365', '']

/** Makes a token, and shows its text once. */
export function NewToken({ onClose }: { onClose: () => void }) {
  const texts = useTexts('settings')
  const [given, setGiven] = useState<Given>({ name: '', role: 'collector', streams: [], days: '365' })
  const queries = useQueryClient()
  const making = useMutation({
    mutationFn: () => take(client.POST('/v1/tokens', { body: ordered(given) })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  })
  return (
    <Modal opened onClose={onClose} title={texts.makeToken} closeOnClickOutside={making.data === undefined}>
      {making.data ? (
        <Shown text={making.data.text} onClose={onClose} />
      ) : (
        <TokenForm
          given={given}
          onChange={setGiven}
          error={making.error}
          isPending={making.isPending}
          onSubmit={() => {
            making.mutate()
          }}
          onClose={onClose}
        />
      )}
    </Modal>
  )
}

function ordered({ name, role, streams, days }: Given) {
  return {
    name,
    role: role ?? '',
    streams: streams.length === 0 ? null : streams,
    days: days === '' ? null : Number(days),
  }
}

interface TokenFormProps {
  given: Given
  onChange: (given: Given) => void
  error: unknown
  isPending: boolean
  onSubmit: () => void
  onClose: () => void
}

function TokenForm({ given, onChange, error, isPending, onSubmit, onClose }: TokenFormProps) {
  const texts = useTexts('settings')
  const names = useQuery(streamNamesQuery).data ?? []
  const { at, rest } = useRefusal(error, FIELDS)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <Stack>
        <TextInput
          label={texts.tokenName}
          description={texts.tokenNameAbout}
          required
          data-autofocus
          value={given.name}
          error={at('name')}
          onChange={(event) => {
            onChange({ ...given, name: event.currentTarget.value })
          }}
        />
        <RoleSelect
          value={given.role}
          error={at('role')}
          onChange={(role) => {
            onChange({ ...given, role })
          }}
        />
        <MultiSelect
          label={texts.streams}
          description={texts.streamsAbout}
          data={names}
          value={given.streams}
          error={at('streams')}
          placeholder={given.streams.length === 0 ? texts.allStreams : ''}
          onChange={(streams) => {
            onChange({ ...given, streams })
          }}
        />
        <Select
          label={texts.lasts}
          allowDeselect={false}
          data={LENGTHS.map((days) => ({
            value: days,
            label: days === '' ? texts.lastsForever : texts.lastsDays(days),
          }))}
          value={given.days}
          error={at('days')}
          onChange={(days) => {
            onChange({ ...given, days: days ?? '' })
          }}
        />
        <Refused said={rest} />
        <Ends isPending={isPending} onClose={onClose} />
      </Stack>
    </form>
  )
}

function Ends({ isPending, onClose }: Pick<TokenFormProps, 'isPending' | 'onClose'>) {
  const texts = useTexts('settings')
  const parts = useTexts('parts')
  return (
    <Group justify="flex-end" gap="xs">
      <Button variant="default" onClick={onClose}>
        {parts.cancel}
      </Button>
      <Button type="submit" loading={isPending}>
        {texts.makeSubmit}
      </Button>
    </Group>
  )
}

function Shown({ text, onClose }: { text: string; onClose: () => void }) {
  const texts = useTexts('settings')
  const parts = useTexts('parts')
  return (
    <Stack>
      <Alert color="yellow">{texts.shownOnce}</Alert>
      <Snippet code={text} label={texts.tokenText} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{parts.close}</Button>
      </Group>
    </Stack>
  )
}
