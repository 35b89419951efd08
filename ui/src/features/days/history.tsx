import { Table, Text, Timeline } from '@mantine/core'
import type { Schema } from '@/api/client'
import { When } from '@/parts/when'
import { useFormats, useTexts } from '@/texts'
import type { Entry } from './queries'
import { Section } from './section'

/** Late records that were added to the figures of a day whose own are gone. */
export function Corrections({ corrections }: { corrections: readonly Schema['CorrectionOut'][] }) {
  const texts = useTexts('days')
  const formats = useFormats()
  if (corrections.length === 0) return null
  return (
    <Section title={texts.corrections} about={texts.correctionsAbout}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{texts.when}</Table.Th>
            <Table.Th ta="right">{texts.recordsHead}</Table.Th>
            <Table.Th>{texts.booked}</Table.Th>
            <Table.Th ta="right">{texts.entry}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {corrections.map(({ seq, at, rows, booked }) => (
            <Table.Tr key={seq}>
              <Table.Td>{at && <When at={at} />}</Table.Td>
              <Table.Td ta="right">{formats.count(rows)}</Table.Td>
              <Table.Td>{formats.weekday(booked)}</Table.Td>
              <Table.Td ta="right">{formats.count(seq)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  )
}

/** Every entry of the ledger that names the day, in order. */
export function History({ entries }: { entries: readonly Entry[] }) {
  const texts = useTexts('days')
  const formats = useFormats()
  if (entries.length === 0) return null
  return (
    <Section title={texts.history}>
      <Timeline bulletSize={14} lineWidth={2} active={entries.length}>
        {entries.map((entry) => (
          <Timeline.Item
            key={entry.seq}
            title={
              <Text size="sm" fw={550}>
                {texts.kinds[entry.kind] ?? entry.kind}
              </Text>
            }
          >
            <Text size="xs" c="dimmed">
              {entry.at && <When at={entry.at} />} · {texts.entryNumber(formats.count(entry.seq))}
            </Text>
            {reasonOf(entry) && (
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {reasonOf(entry)}
              </Text>
            )}
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  )
}

// A seal's reason is a word for programs; people wrote the others.
function reasonOf(entry: Entry): string | null {
  const { reason, detail } = entry.body as { reason?: unknown; detail?: unknown }
  if (entry.kind === 'held' && typeof detail === 'string') return `${String(reason)}: ${detail}`
  return entry.kind !== 'sealed' && typeof reason === 'string' ? reason : null
}
