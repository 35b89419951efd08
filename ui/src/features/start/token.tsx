import { Alert, Button, Group, Text } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { client, take } from '@/api/client'
import { useMay } from '@/api/session'
import { Card } from '@/parts/card'
import { Snippet } from '@/parts/snippet'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'

interface TokenProps {
  stream: string
  token: string | undefined
  setToken: (text: string) => void
}

/** What an application shows to send records: made here for this stream alone, and shown once. */
export function TokenStep({ stream, token, setToken }: TokenProps) {
  const texts = useTexts('start')
  const said = useProblemText()
  const isAllowed = useMay('administer')
  const making = useMutation({
    mutationFn: () => {
      const body = { name: texts.tokenName(stream), role: 'collector', streams: [stream], days: 365 }
      return take(client.POST('/v1/tokens', { body }))
    },
    onSuccess: ({ text }) => {
      setToken(text)
    },
  })
  return (
    <Card title={texts.token} about={token === undefined ? texts.tokenAbout(stream) : texts.tokenOnce}>
      {making.isError && (
        <Alert color="red" role="alert" p="xs" mb="sm">
          {said(making.error)}
        </Alert>
      )}
      {token !== undefined ? (
        <Snippet code={token} label={texts.token} />
      ) : isAllowed ? (
        <Group>
          <Button
            leftSection={<IconKey size={16} aria-hidden />}
            loading={making.isPending}
            onClick={() => {
              making.mutate()
            }}
          >
            {texts.makeToken}
          </Button>
        </Group>
      ) : (
        <Text size="sm">{texts.askForToken}</Text>
      )}
    </Card>
  )
}
