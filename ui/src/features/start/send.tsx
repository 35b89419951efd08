import { Tabs, Text } from '@mantine/core'
import type { Schema } from '@/api/client'
import { useSession } from '@/api/session'
import { Card } from '@/parts/card'
import { curlFor, pythonFor, sampleOf } from '@/parts/sample'
import { Snippet } from '@/parts/snippet'
import { useTexts } from '@/texts'
import { ATTACH } from './declare'

interface SendProps {
  stream: Schema['StreamDetailOut']
  /** Whether its time is a date. */
  dated: boolean
  /** What goes into the lines to copy, once it was made. */
  token: string | undefined
}

/** The lines that send a first record, or that let Keepsum read an application's own table instead. */
export function Send({ stream, dated, token }: SendProps) {
  const texts = useTexts('start')
  const session = useSession()
  const sample = sampleOf(stream, dated, session.now ?? new Date().toISOString())
  const where = `${globalThis.location.origin}/v1/streams/${stream.name}/records`
  return (
    <Card title={texts.send} about={texts.sendAbout}>
      <Tabs defaultValue="curl" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="curl">curl</Tabs.Tab>
          <Tabs.Tab value="python">Python</Tabs.Tab>
          <Tabs.Tab value="attach">{texts.attach}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="curl">
          <Snippet code={curlFor(where, sample, token)} label="curl" />
        </Tabs.Panel>
        <Tabs.Panel value="python">
          <Snippet code={pythonFor(where, sample, token)} label="Python" />
        </Tabs.Panel>
        <Tabs.Panel value="attach">
          <Text size="sm" mb="sm">
            {texts.attachAbout}
          </Text>
          <Snippet code={ATTACH} label={texts.attach} />
        </Tabs.Panel>
      </Tabs>
    </Card>
  )
}
