import { Group, Stack, Text } from '@mantine/core'
import type { Schema } from '@/api/client'
import { NamedSnippet } from '@/parts/snippet'
import { useFormats, useTexts } from '@/texts'
import { Section } from './section'

/** Where a day's seal stands in the ledger: its number, its hash, and that of the entry before. */
export function Chain({ chain }: { chain: Schema['ChainOut'] }) {
  const texts = useTexts('days')
  const formats = useFormats()
  return (
    <Section title={texts.chain} about={texts.chainAbout}>
      <Stack gap="xs">
        <Group gap="xs">
          <Text size="sm" fw={550}>
            {texts.entryOf(formats.count(chain.seq), formats.count(chain.head))}
          </Text>
        </Group>
        <NamedSnippet name={texts.previous} value={chain.previous} />
        <NamedSnippet name={texts.hash} value={chain.hash} />
      </Stack>
    </Section>
  )
}
