import { Alert, Button, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take } from '@/api/client'
import { TextLink } from '@/parts/link'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'
import { EmailField } from './email'
import { Frame } from './frame'

/** The page that asks for a mail with a link for a new password; it tells nobody whether an address has an account. */
export function Forgotten() {
  const texts = useTexts('entry')
  const said = useProblemText()
  const [email, setEmail] = useState('')
  const asking = useMutation({ mutationFn: () => take(client.POST('/v1/links', { body: { email } })) })
  return (
    <Frame title={texts.forgottenTitle} about={asking.isSuccess ? undefined : texts.forgottenAbout}>
      {asking.isSuccess ? (
        <Text role="status">{texts.mailed(email)}</Text>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            asking.mutate()
          }}
        >
          <Stack gap="md">
            <EmailField
              value={email}
              onChange={(event) => {
                setEmail(event.currentTarget.value)
              }}
            />
            {asking.isError && (
              <Alert color="red" role="alert" p="xs">
                {said(asking.error)}
              </Alert>
            )}
            <Button type="submit" size="md" loading={asking.isPending}>
              {texts.mail}
            </Button>
          </Stack>
        </form>
      )}
      <TextLink to="/sign-in" size="sm" mt="md" display="block" ta="center">
        {texts.back}
      </TextLink>
    </Frame>
  )
}
