import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { client, take } from '@/api/client'
import { noteLeave } from '@/api/lapse'
import { useSession } from '@/api/session'
import { Card } from '@/parts/card'
import { Confirm } from '@/parts/confirm'
import { Page } from '@/parts/page'
import { PasswordField } from '@/parts/password'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'

/** One's own account: who one is, another password, and the end of all sessions. */
export function AccountPage() {
  const texts = useTexts('account')
  const session = useSession()
  const name = session.name ?? session.email ?? session.id
  return (
    <Page title={texts.title} about={session.email === null ? name : `${name} · ${session.email}`} width="text">
      <Card title={texts.roles} about={texts.rolesAbout}>
        <Text size="sm">{session.roles.join(', ')}</Text>
      </Card>
      <PasswordCard email={session.email ?? ''} />
      <EverywhereCard />
    </Page>
  )
}

function PasswordCard({ email }: { email: string }) {
  const texts = useTexts('account')
  const said = useProblemText()
  const [given, setGiven] = useState({ old: '', new: '' })
  const out = useOut()
  const changing = useMutation({
    mutationFn: () => take(client.PUT('/v1/session/password', { body: { email, ...given } })),
    onSuccess: out,
  })
  return (
    <Card title={texts.password} about={texts.passwordAbout}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          changing.mutate()
        }}
      >
        <Stack gap="sm" maw={380}>
          <input type="hidden" autoComplete="username" value={email} readOnly />
          <PasswordField
            label={texts.old}
            autoComplete="current-password"
            required
            value={given.old}
            onChange={(event) => {
              setGiven({ ...given, old: event.currentTarget.value })
            }}
          />
          <PasswordField
            label={texts.new}
            description={texts.newAbout}
            autoComplete="new-password"
            required
            value={given.new}
            onChange={(event) => {
              setGiven({ ...given, new: event.currentTarget.value })
            }}
          />
          {changing.isError && (
            <Alert color="red" role="alert" p="xs">
              {said(changing.error)}
            </Alert>
          )}
          <Group>
            <Button type="submit" loading={changing.isPending}>
              {texts.change}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  )
}

function EverywhereCard() {
  const texts = useTexts('account')
  const out = useOut()
  const ending = useMutation({ mutationFn: () => take(client.DELETE('/v1/session/all')), onSuccess: out })
  const [isAsking, setAsking] = useState(false)
  return (
    <Card title={texts.everywhere} about={texts.everywhereAbout}>
      <Button
        variant="default"
        onClick={() => {
          setAsking(true)
        }}
      >
        {texts.everywhere}
      </Button>
      {isAsking && (
        <Confirm
          title={texts.everywhere}
          about={texts.everywhereSure}
          submit={texts.everywhere}
          isPending={ending.isPending}
          error={ending.error}
          onSubmit={() => {
            ending.mutate()
          }}
          onClose={() => {
            setAsking(false)
          }}
        />
      )}
    </Card>
  )
}

/** Give what leads out when the session has ended by one's own will. */
function useOut(): () => Promise<void> {
  const queries = useQueryClient()
  const router = useRouter()
  return async () => {
    noteLeave()
    queries.clear()
    await router.navigate({ to: '/sign-in', reloadDocument: true })
  }
}
