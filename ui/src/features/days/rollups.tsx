import { Badge, Code, Group, Table, Text } from '@mantine/core'
import type { Schema } from '@/api/client'
import { Wide } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import type { Entry } from './queries'
import { Section } from './section'

interface RollupsProps {
  rollups: readonly Schema['RollupOut'][]
  seal: Entry | null
}

/** What is kept of a day: each rollup with its rows, its columns and the digest that the seal lists. */
export function Rollups({ rollups, seal }: RollupsProps) {
  const texts = useTexts('days')
  const formats = useFormats()
  const listed = (seal?.body['rollups'] ?? []) as { rollup: string; content: string }[]
  const digests = new Map(listed.map(({ rollup, content }) => [rollup, content]))
  return (
    <Section title={texts.rollups} about={texts.rollupsAbout}>
      <Wide least={480}>
        <Table verticalSpacing={8}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{texts.rollup}</Table.Th>
              <Table.Th ta="right">{texts.rows}</Table.Th>
              <Table.Th>{texts.columns}</Table.Th>
              <Table.Th>{texts.digest}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rollups.map(({ name, rows, columns }) => (
              <Table.Tr key={name} style={{ verticalAlign: 'top' }}>
                <Table.Td>
                  <Text size="sm" fw={550}>
                    {name}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">{formats.count(rows)}</Table.Td>
                <Table.Td>
                  <Group gap={4}>
                    {columns.map((column) => (
                      <Badge miw="max-content" key={column} color="gray">
                        {column}
                      </Badge>
                    ))}
                  </Group>
                </Table.Td>
                <Table.Td>
                  <Code title={digests.get(name)}>{(digests.get(name) ?? '').slice(0, 10)}</Code>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Section>
  )
}
