import { Badge, Skeleton, Table, Text } from '@mantine/core'
import { IconDatabaseImport } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Card } from '@/parts/card'
import { useKeep } from '@/parts/keep'
import { TextLink } from '@/parts/link'
import { Loaded } from '@/parts/loaded'
import { Page } from '@/parts/page'
import { Empty } from '@/parts/state'
import { WideTable } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { streamQuery, streamsQuery, type Stream } from './queries'
import { Sensitivities } from './sensitivity'
import { Bars } from './volume'

/** What is collected: each stream with how sensitive its fields are, and how much comes in. */
export function StreamsPage() {
  const texts = useTexts('streams')
  const streams = useQuery(streamsQuery)
  return (
    <Page title={texts.title} about={texts.lead}>
      <Loaded query={streams} height={240}>
        {(found) =>
          found.length === 0 ? (
            <Empty title={texts.none} about={texts.noneAbout} icon={IconDatabaseImport} />
          ) : (
            <Card flush>
              <StreamsTable streams={found} />
            </Card>
          )
        }
      </Loaded>
    </Page>
  )
}

function StreamsTable({ streams }: { streams: readonly Stream[] }) {
  const texts = useTexts('streams')
  return (
    <WideTable
      least={900}
      head={[texts.stream, texts.home, texts.fields, texts.lives, { right: texts.records }, texts.volume]}
      spacing="md"
    >
      {streams.map((stream) => (
        <StreamRow key={stream.name} stream={stream} />
      ))}
    </WideTable>
  )
}

function StreamRow({ stream }: { stream: Stream }) {
  const texts = useTexts('streams')
  const formats = useFormats()
  const keep = useKeep()
  const detail = useQuery(streamQuery(stream.name)).data
  const standing = stream.standing
  const fields = (stream.declared['fields'] ?? []) as { sensitivity: string }[]
  return (
    <Table.Tr>
      <Table.Td maw={320}>
        <TextLink to="/streams/$stream" params={{ stream: stream.name }} fw={550} size="sm">
          {stream.name}
        </TextLink>
        <Text size="xs" c="dimmed">
          {stream.about}
        </Text>
      </Table.Td>
      <Table.Td>
        {standing?.attached ? (
          <Badge miw="max-content" color="blue">
            {standing.attached.dialect}
          </Badge>
        ) : (
          <Text size="sm">{texts.here}</Text>
        )}
      </Table.Td>
      <Table.Td>
        <Sensitivities names={fields.map(({ sensitivity }) => sensitivity)} />
      </Table.Td>
      <Table.Td>{keep(stream.declared) ?? texts.forever}</Table.Td>
      <Table.Td ta="right">
        {standing && formats.count(standing.records)}
        {standing && standing.purged_records > 0 && (
          <Text size="xs" c="dimmed">
            {texts.purged(formats.count(standing.purged_records))}
          </Text>
        )}
      </Table.Td>
      <Table.Td w={190}>{detail ? <Bars volume={detail.volume} height={32} /> : <Skeleton height={32} />}</Table.Td>
    </Table.Tr>
  )
}
