import { Badge, Code, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Card } from '@/parts/card'
import { ButtonLink } from '@/parts/link'
import { Loaded } from '@/parts/loaded'
import { Page } from '@/parts/page'
import { WideTable } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { Fields } from './fields'
import { streamQuery, type StreamDetail } from './queries'
import { SendSnippet } from './send'
import { VolumeChart } from './volume'

const route = getRouteApi('/inside/streams/$stream')

/** One stream: its fields, how much comes in, what was refused, and what its records become. */
export function StreamPage() {
  const texts = useTexts('streams')
  const { stream } = route.useParams()
  const detail = useQuery(streamQuery(stream))
  const back = (
    <ButtonLink to="/streams" variant="default">
      {texts.allStreams}
    </ButtonLink>
  )
  return (
    <Page title={stream} about={detail.data?.about} actions={back}>
      <Loaded query={detail} height={480}>
        {(found) => <Whole stream={found} />}
      </Loaded>
    </Page>
  )
}

function Whole({ stream }: { stream: StreamDetail }) {
  const texts = useTexts('streams')
  return (
    <Stack gap="lg">
      <Card title={texts.volume} about={texts.volumeAbout}>
        <VolumeChart volume={stream.volume} />
      </Card>
      <Rejects stream={stream} />
      <Fields stream={stream} />
      <Kept stream={stream} />
      <SendSnippet stream={stream} />
    </Stack>
  )
}

function Rejects({ stream }: { stream: StreamDetail }) {
  const texts = useTexts('streams')
  const formats = useFormats()
  const about = texts.rejectsAbout(formats.weekday(stream.rejects_since))
  if (stream.rejects.length === 0)
    return (
      <Card title={texts.rejects} about={about}>
        <Text size="sm">{texts.noRejects}</Text>
      </Card>
    )
  return (
    <Card title={texts.rejects} about={about} flush>
      <WideTable least={480} head={[texts.reason, texts.field, { right: texts.records }]}>
        {stream.rejects.map((one) => (
          <Table.Tr key={`${one.code} ${one.field}`}>
            <Table.Td>
              <Text size="sm">{texts.rejectTexts[one.code] ?? one.about}</Text>
              <Text size="xs" c="dimmed" ff="monospace">
                {one.code}
              </Text>
            </Table.Td>
            <Table.Td>{one.field === '' ? texts.wholeRecord : <Code>{one.field}</Code>}</Table.Td>
            <Table.Td ta="right">{formats.count(one.count)}</Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Card>
  )
}

function Kept({ stream }: { stream: StreamDetail }) {
  const texts = useTexts('streams')
  const formats = useFormats()
  return (
    <Card title={texts.rollups} about={texts.rollupsAbout} flush>
      <WideTable least={560} head={[texts.rollup, texts.definition, texts.since, { right: texts.days }]}>
        {stream.rollups
          .filter((name) => !stream.generations.some(({ rollup }) => rollup === name))
          .map((name) => (
            <Table.Tr key={name}>
              <Table.Td fw={550}>{name}</Table.Td>
              <Table.Td c="dimmed" colSpan={3}>
                {texts.notRolled}
              </Table.Td>
            </Table.Tr>
          ))}
        {stream.generations.map((one) => (
          <Table.Tr key={`${one.rollup} ${one.fingerprint}`}>
            <Table.Td fw={550}>{one.rollup}</Table.Td>
            <Table.Td>
              <Group gap={6}>
                <Code>{one.fingerprint}</Code>
                {one.current ? (
                  <Badge miw="max-content" color="green">
                    {texts.current}
                  </Badge>
                ) : (
                  <Badge miw="max-content" color="gray">
                    {texts.earlier}
                  </Badge>
                )}
              </Group>
            </Table.Td>
            <Table.Td>{formats.weekday(one.since)}</Table.Td>
            <Table.Td ta="right">{formats.count(one.days)}</Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Card>
  )
}
