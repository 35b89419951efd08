import { Badge, Button, Group, Table, Text } from '@mantine/core'
import { IconFileExport, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { humanised } from '@/answer/numbers'
import { Card } from '@/parts/card'
import { ButtonLink, TextLink } from '@/parts/link'
import { Loaded } from '@/parts/loaded'
import { Page } from '@/parts/page'
import { Empty } from '@/parts/state'
import { When } from '@/parts/when'
import { WideTable } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { Delete } from './delete'
import { exportsQuery, type Export } from './queries'
import { StateBadge, useDays } from './words'

/** The files that were asked for, with links while they are there, and the way to another. */
export function ExportsPage() {
  const texts = useTexts('exports')
  const exports = useQuery(exportsQuery)
  const [deleting, setDeleting] = useState<Export | null>(null)
  return (
    <Page title={texts.title} about={texts.about} actions={<NewLink />}>
      <Card title={texts.list} flush>
        <Loaded query={exports}>
          {(found) =>
            found.length === 0 ? (
              <Empty title={texts.none} about={texts.noneAbout} icon={IconFileExport} />
            ) : (
              <ExportsTable exports={found} onDelete={setDeleting} />
            )
          }
        </Loaded>
      </Card>
      {deleting && (
        <Delete
          one={deleting}
          onClose={() => {
            setDeleting(null)
          }}
        />
      )}
    </Page>
  )
}

function NewLink() {
  const texts = useTexts('exports')
  return (
    <ButtonLink to="/exports/new" leftSection={<IconPlus size={16} aria-hidden />}>
      {texts.new}
    </ButtonLink>
  )
}

interface ExportsTableProps {
  exports: readonly Export[]
  onDelete: (one: Export) => void
}

function ExportsTable({ exports, onDelete }: ExportsTableProps) {
  const texts = useTexts('exports')
  const head = [texts.file, texts.state, { right: texts.rows }, { right: texts.size }, texts.askedFor, texts.until]
  return (
    <WideTable least={860} head={head} actions={texts.actions}>
      {exports.map((one) => (
        <ExportRow
          key={one.id}
          one={one}
          onDelete={() => {
            onDelete(one)
          }}
        />
      ))}
    </WideTable>
  )
}

function ExportRow({ one, onDelete }: { one: Export; onDelete: () => void }) {
  const texts = useTexts('exports')
  const formats = useFormats()
  const days = useDays()(one)
  const name = humanised(one.dataset)
  return (
    <Table.Tr style={{ verticalAlign: 'top' }}>
      <Table.Td>
        <Group gap={8}>
          <TextLink to="/exports/$id" params={{ id: one.id }} size="sm" fw={550} aria-label={texts.open(name, days)}>
            {name}
          </TextLink>
          <Badge miw="max-content" color="gray">
            {one.format}
          </Badge>
        </Group>
        <Text size="xs" c="dimmed">
          {days}
        </Text>
      </Table.Td>
      <Table.Td>
        <StateBadge state={one.state} />
      </Table.Td>
      <Table.Td ta="right">{one.rows === null ? '–' : formats.count(one.rows)}</Table.Td>
      <Table.Td ta="right">{one.bytes === null ? '–' : formats.bytes(one.bytes)}</Table.Td>
      <Table.Td>
        <When at={one.created_at} />
      </Table.Td>
      <Table.Td>{one.expires_at && <When at={one.expires_at} />}</Table.Td>
      <Table.Td>
        <Group gap={4} justify="flex-end" wrap="nowrap">
          {one.download_url !== null && (
            <Button
              component="a"
              href={one.download_url}
              download
              size="compact-sm"
              variant="light"
              aria-label={texts.downloadOf(name)}
            >
              {texts.download}
            </Button>
          )}
          <Button size="compact-sm" variant="subtle" color="red" aria-label={texts.deleteOf(name)} onClick={onDelete}>
            {texts.delete}
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}
