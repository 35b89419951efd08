import { Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSession } from '@/api/session'
import { Card } from '@/parts/card'
import { TextLink } from '@/parts/link'
import { Snippet } from '@/parts/snippet'
import { useTexts } from '@/texts'
import { streamsQuery, type StreamDetail } from './queries'
import { curlFor, pythonFor, sampleOf } from '@/parts/sample'

/** How an application sends a record of the stream, to copy; a stream of somebody's own tables needs none of it. */
export function SendSnippet({ stream }: { stream: StreamDetail }) {
  const texts = useTexts('streams')
  const session = useSession()
  const declared = useQuery(streamsQuery).data?.find(({ name }) => name === stream.name)?.declared
  if (stream.attached)
    return (
      <Card title={texts.send}>
        <Text size="sm">{texts.sendAttached}</Text>
      </Card>
    )
  const sample = sampleOf(stream, declared?.['time_kind'] === 'date', session.now ?? new Date().toISOString())
  const where = `${globalThis.location.origin}/v1/streams/${stream.name}/records`
  return (
    <Card
      title={texts.send}
      about={
        <>
          {texts.sendAbout}{' '}
          <TextLink to="/settings/tokens" underline="always" size="sm">
            {texts.tokens}
          </TextLink>
        </>
      }
    >
      <Tabs defaultValue="curl" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="curl">curl</Tabs.Tab>
          <Tabs.Tab value="python">Python</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="curl">
          <Snippet code={curlFor(where, sample)} label="curl" />
        </Tabs.Panel>
        <Tabs.Panel value="python">
          <Snippet code={pythonFor(where, sample)} label="Python" />
        </Tabs.Panel>
      </Tabs>
    </Card>
  )
}
