import { Alert, Button, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { enter, useSession } from '@/api/session'
import { PasswordField } from '@/parts/password'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'

/** Asks for the password when the session ended, over the page as it was: what was being edited stays. */
export default function Lapsed() {
  const texts = useTexts('shell')
  const router = useRouter()
  const away = () => void router.navigate({ to: '/sign-in', reloadDocument: true })
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={texts.lapsedTitle}
    >
      <Stack gap="sm">
        <Text size="sm">{texts.lapsedAbout}</Text>
        <PasswordForm />
        <Button variant="subtle" color="gray" size="xs" onClick={away}>
          {texts.somebodyElse}
        </Button>
      </Stack>
    </Modal>
  )
}

function PasswordForm() {
  const texts = useTexts('shell')
  const { email, workspace } = useSession()
  const said = useProblemText()
  const queries = useQueryClient()
  const [password, setPassword] = useState('')
  const again = useMutation({
    mutationFn: () => enter({ email: email ?? '', password, workspace }),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        again.mutate()
      }}
    >
      <Stack gap="sm">
        <input type="hidden" autoComplete="username" value={email ?? ''} readOnly />
        <PasswordField
          label={texts.password}
          autoComplete="current-password"
          data-autofocus
          required
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value)
          }}
        />
        {again.isError && (
          <Alert color="red" role="alert">
            {said(again.error)}
          </Alert>
        )}
        <Button type="submit" loading={again.isPending}>
          {texts.lapsedSubmit}
        </Button>
      </Stack>
    </form>
  )
}
