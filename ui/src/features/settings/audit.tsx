import { Button, Center, Code, Group, Select, Table, Text, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Card } from '@/parts/card'
import { Failed, Empty } from '@/parts/state'
import { When } from '@/parts/when'
import { WideTable } from '@/parts/wide'
import { useTexts } from '@/texts'
import { told } from './event'
import { auditQuery, type Event } from './queries'
import type { AuditSearch } from './routes'
import { useNames } from './names'

const route = getRouteApi('/inside/settings/audit')

/** What people and tokens did in the workspace, by kind, by whom and when; the newest first. */
export function Audit() {
  const texts = useTexts('settings')
  const search = route.useSearch()
  const log = useInfiniteQuery(auditQuery(search))
  const events = log.data?.pages.flatMap((page) => page.events) ?? []
  return (
    <Card title={texts.audit} about={texts.auditAbout} flush>
      <Filters search={search} />
      {log.data === undefined && log.error !== null && <Failed error={log.error} retry={() => void log.refetch()} />}
      {log.data && events.length === 0 && <Empty title={texts.noEvents} about={texts.noEventsAbout} />}
      {events.length > 0 && <Events events={events} />}
      {log.hasNextPage && (
        <Center p="md">
          <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {texts.older}
          </Button>
        </Center>
      )}
    </Card>
  )
}

function Filters({ search }: { search: AuditSearch }) {
  const texts = useTexts('settings')
  const navigate = useNavigate()
  const names = useNames()
  const set = (changed: AuditSearch) =>
    void navigate({ to: '/settings/audit', search: { ...search, ...changed }, replace: true })
  const callers = [...names].map(([value, label]) => ({ value, label }))
  return (
    <Group px="md" pb="md" gap="sm" align="flex-end">
      <Select
        label={texts.kind}
        placeholder={texts.anyKind}
        clearable
        searchable
        w={250}
        data={Object.entries(texts.kinds).map(([value, label]) => ({ value, label }))}
        value={search.kind ?? null}
        onChange={(kind) => {
          set({ kind: kind ?? undefined })
        }}
      />
      <Select
        label={texts.who}
        placeholder={texts.anybody}
        clearable
        searchable
        w={220}
        data={callers}
        value={search.caller ?? null}
        onChange={(caller) => {
          set({ caller: caller ?? undefined })
        }}
      />
      <TextInput
        type="date"
        label={texts.from}
        value={search.from ?? ''}
        onChange={(event) => {
          set({ from: event.currentTarget.value || undefined })
        }}
      />
      <TextInput
        type="date"
        label={texts.to}
        value={search.to ?? ''}
        onChange={(event) => {
          set({ to: event.currentTarget.value || undefined })
        }}
      />
    </Group>
  )
}

function Events({ events }: { events: readonly Event[] }) {
  const texts = useTexts('settings')
  const names = useNames()
  const head = [texts.when, texts.what, texts.who, texts.about, texts.whence]
  return (
    <WideTable least={860} head={head} spacing="xs">
      {events.map((event) => (
        <Table.Tr key={event.hash}>
          <Table.Td style={{ whiteSpace: 'nowrap' }}>{event.at && <When at={event.at} />}</Table.Td>
          <Table.Td fw={550}>{texts.kinds[event.kind] ?? event.kind}</Table.Td>
          <Table.Td>
            {event.caller
              ? (names.get(event.caller.id) ?? texts.callers[event.caller.kind] ?? event.caller.id)
              : texts.stranger}
          </Table.Td>
          <Table.Td>
            {told(event.about, names).map(({ name, value }) => (
              <Text key={name} size="xs" span mr="sm" style={{ overflowWrap: 'anywhere' }}>
                <Text span c="dimmed" inherit>
                  {texts.aboutNames[name] ?? name}
                </Text>{' '}
                {value}
              </Text>
            ))}
          </Table.Td>
          <Table.Td>{event.origin && <Code>{event.origin.network}</Code>}</Table.Td>
        </Table.Tr>
      ))}
    </WideTable>
  )
}
