import { Table, Text } from '@mantine/core'
import { figureWithUnit } from '@/answer/numbers'
import { useFormats, useTexts } from '@/texts'
import type { Proof, Stream } from './queries'
import { sumsOf } from './read'
import { Section } from './section'

interface NumbersProps {
  proof: Proof
  declared: Stream['declared'] | undefined
}

interface Control {
  records: number
  hash_a: string | number
  hash_b: string | number
  sums: Record<string, string | number>
}

/** What was counted and summed as records were accepted; of a day whose records are gone, as it was sealed. */
export function Numbers({ proof, declared }: NumbersProps) {
  const texts = useTexts('days')
  const formats = useFormats()
  const sealed = proof.seal?.body['control'] as Control | undefined
  const control = proof.day.purge && sealed ? sealed : (proof.control as unknown as Control)
  const sums = sumsOf(control.sums, (declared?.['fields'] ?? []) as { name: string }[])
  return (
    <Section title={texts.numbers}>
      <Table verticalSpacing={5} layout="fixed">
        <Table.Tbody>
          <Line name={texts.recordsCounted} value={formats.count(control.records)} />
          {sums.map((sum) => (
            <Line key={sum.name} name={texts.sumOf(sum.name)} value={figureWithUnit(sum.value, sum, formats.locale)} />
          ))}
          <Table.Tr>
            <Table.Th scope="row" fw={400}>
              {texts.rowHashes}
            </Table.Th>
            <Table.Td ta="right" ff="monospace" fz="xs" style={{ overflowWrap: 'anywhere' }}>
              {String(control.hash_a)} {String(control.hash_b)}
            </Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt={6}>
        {texts.rowHashesAbout}
      </Text>
    </Section>
  )
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400}>
        {name}
      </Table.Th>
      <Table.Td ta="right">{value}</Table.Td>
    </Table.Tr>
  )
}
