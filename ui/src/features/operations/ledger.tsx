import { Accordion, Button, Center, Code, Group, Stack, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Card } from '@/parts/card'
import { TextLink } from '@/parts/link'
import { NamedSnippet, Snippet } from '@/parts/snippet'
import { Failed } from '@/parts/state'
import { When } from '@/parts/when'
import { useFormats, useTexts } from '@/texts'
import { ledgerQuery, type Entry } from './queries'
import { VerifyLedger } from './verify'

/** The chain of what was sealed, purged and decided: its head, a check of the whole, and each entry. */
export function Ledger() {
  const texts = useTexts('operations')
  const formats = useFormats()
  const ledger = useInfiniteQuery(ledgerQuery)
  const entries = ledger.data?.pages.flatMap((page) => page.entries) ?? []
  const head = ledger.data?.pages[0]?.head
  return (
    <Stack gap="lg">
      <Card title={texts.head} about={texts.headAbout} actions={<VerifyLedger />}>
        {head && (
          <Stack gap="xs">
            <Text size="sm">
              {texts.entries(head.seq, formats.count(head.seq))}
              {head.at && (
                <>
                  {' '}
                  · <When at={head.at} />
                </>
              )}
            </Text>
            <Snippet code={head.hash} label={texts.head} />
          </Stack>
        )}
      </Card>
      <Card title={texts.ledger} about={texts.ledgerAbout} flush>
        {ledger.error !== null && <Failed error={ledger.error} retry={() => void ledger.refetch()} />}
        <Accordion
          chevronPosition="left"
          multiple
          keepMounted={false}
          styles={{ item: { borderColor: 'var(--line)' } }}
        >
          {entries.map((entry) => (
            <EntryItem key={entry.seq} entry={entry} />
          ))}
        </Accordion>
        {ledger.hasNextPage && (
          <Center p="md">
            <Button variant="default" loading={ledger.isFetchingNextPage} onClick={() => void ledger.fetchNextPage()}>
              {texts.older}
            </Button>
          </Center>
        )}
      </Card>
    </Stack>
  )
}

function EntryItem({ entry }: { entry: Entry }) {
  const texts = useTexts('operations')
  const kinds = useTexts('days').kinds
  const formats = useFormats()
  const about = [entry.stream, entry.day && formats.weekday(entry.day)].filter(Boolean).join(', ')
  return (
    <Accordion.Item value={String(entry.seq)}>
      <Accordion.Control>
        <Group gap="md" wrap="wrap">
          <Text size="sm" c="dimmed" w={56} ta="right">
            {formats.count(entry.seq)}
          </Text>
          <Text size="sm" fw={550} w={180}>
            {kinds[entry.kind] ?? entry.kind}
          </Text>
          <Text size="sm" flex={1}>
            {about}
          </Text>
          <Text size="sm" c="dimmed">
            {entry.at && <When at={entry.at} />}
          </Text>
          <Code visibleFrom="md">{entry.hash.slice(0, 12)}</Code>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="sm">
          {entry.stream !== null && entry.day !== null && (
            <TextLink to="/days/$stream/$day" params={{ stream: entry.stream, day: entry.day }} size="sm">
              {texts.openDay}
            </TextLink>
          )}
          <NamedSnippet name={texts.hash} value={entry.hash} />
          <NamedSnippet name={texts.previous} value={entry.previous} />
          <NamedSnippet name={texts.says} value={JSON.stringify(entry.body, null, 2)} />
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  )
}
