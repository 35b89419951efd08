import { Alert, Button, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { enter } from '@/api/session'
import { TextLink } from '@/parts/link'
import { PasswordField } from '@/parts/password'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'
import { EmailField } from './email'
import { Frame } from './frame'
import { within } from './next'

const route = getRouteApi('/sign-in')

/** The page where people sign in, and from which they go on to where they wanted. */
export function SignIn() {
  const texts = useTexts('entry')
  const said = useProblemText()
  const { next } = route.useSearch()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const router = useRouter()
  const queries = useQueryClient()
  const signing = useMutation({
    mutationFn: () => enter({ email, password }),
    onSuccess: async () => {
      queries.clear()
      await router.navigate({ href: within(next), replace: true })
    },
  })
  return (
    <Frame title={texts.signIn}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          signing.mutate()
        }}
      >
        <Stack gap="md">
          <EmailField
            value={email}
            onChange={(event) => {
              setEmail(event.currentTarget.value)
            }}
          />
          <PasswordField
            label={texts.password}
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => {
              setPassword(event.currentTarget.value)
            }}
          />
          {signing.isError && (
            <Alert color="red" role="alert" p="xs">
              {said(signing.error)}
            </Alert>
          )}
          <Button type="submit" size="md" loading={signing.isPending}>
            {texts.signIn}
          </Button>
          <TextLink to="/forgotten" size="sm" ta="center">
            {texts.forgotten}
          </TextLink>
        </Stack>
      </form>
    </Frame>
  )
}
