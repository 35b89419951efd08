import { Badge, Button, Group, Table, Text, VisuallyHidden } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take } from '@/api/client'
import { Card } from '@/parts/card'
import { Confirm } from '@/parts/confirm'
import { Loaded } from '@/parts/loaded'
import { Empty } from '@/parts/state'
import { When } from '@/parts/when'
import { Wide } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { exportsQuery, type Export } from './queries'

const COLORS: Record<string, string> = { preparing: 'blue', ready: 'green', failed: 'red', expired: 'gray' }

/** The files that were asked for, with links while they are there. */
export function Exports() {
  const texts = useTexts('operations')
  const exports = useQuery(exportsQuery)
  const [deleting, setDeleting] = useState<Export | null>(null)
  return (
    <Card title={texts.exports} about={texts.exportsAbout} flush>
      <Loaded query={exports}>
        {(found) =>
          found.length === 0 ? (
            <Empty title={texts.noExports} about={texts.noExportsAbout} icon={IconDownload} />
          ) : (
            <ExportsTable exports={found} onDelete={setDeleting} />
          )
        }
      </Loaded>
      {deleting && (
        <Delete
          one={deleting}
          onClose={() => {
            setDeleting(null)
          }}
        />
      )}
    </Card>
  )
}

function ExportsTable({ exports, onDelete }: { exports: readonly Export[]; onDelete: (one: Export) => void }) {
  const texts = useTexts('operations')
  return (
    <Wide least={820}>
      <Table verticalSpacing="sm" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{texts.dataset}</Table.Th>
            <Table.Th>{texts.state}</Table.Th>
            <Table.Th ta="right">{texts.rows}</Table.Th>
            <Table.Th ta="right">{texts.size}</Table.Th>
            <Table.Th>{texts.askedFor}</Table.Th>
            <Table.Th>{texts.until}</Table.Th>
            <Table.Th>
              <VisuallyHidden>{texts.actions}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {exports.map((one) => (
            <ExportRow
              key={one.id}
              one={one}
              onDelete={() => {
                onDelete(one)
              }}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  )
}

function ExportRow({ one, onDelete }: { one: Export; onDelete: () => void }) {
  const texts = useTexts('operations')
  const formats = useFormats()
  return (
    <Table.Tr style={{ verticalAlign: 'top' }}>
      <Table.Td>
        <Text size="sm" fw={550}>
          {one.dataset}{' '}
          <Badge miw="max-content" color="gray">
            {one.format}
          </Badge>
        </Text>
        <Text size="xs" c="dimmed">{`${formats.weekday(one.from)} – ${formats.weekday(one.to)}`}</Text>
      </Table.Td>
      <Table.Td>
        <Badge miw="max-content" color={COLORS[one.state] ?? 'gray'}>
          {texts.exportStates[one.state] ?? one.state}
        </Badge>
        {one.error !== null && (
          <Text size="xs" c="dimmed">
            {one.error}
          </Text>
        )}
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
            <Button component="a" href={one.download_url} download size="compact-sm" variant="light">
              {texts.download}
            </Button>
          )}
          <Button size="compact-sm" variant="subtle" color="red" onClick={onDelete}>
            {texts.delete}
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}

function Delete({ one, onClose }: { one: Export; onClose: () => void }) {
  const texts = useTexts('operations')
  const queries = useQueryClient()
  const deleting = useMutation({
    mutationFn: () => take(client.DELETE('/v1/exports/{id}', { params: { path: { id: one.id } } })),
    onSuccess: async () => {
      onClose()
      await queries.invalidateQueries({ queryKey: ['exports'] })
    },
  })
  return (
    <Confirm
      title={texts.deleteTitle(one.dataset)}
      about={texts.deleteAbout}
      submit={texts.delete}
      isPending={deleting.isPending}
      error={deleting.error}
      onSubmit={() => {
        deleting.mutate()
      }}
      onClose={onClose}
    />
  )
}
