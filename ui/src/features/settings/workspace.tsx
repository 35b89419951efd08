import { Badge, Button, Group, SimpleGrid, Stack, Table, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { client, take, type Schema } from '@/api/client'
import { useMay, useSession } from '@/api/session'
import { Card } from '@/parts/card'
import { Confirm } from '@/parts/confirm'
import { Loaded } from '@/parts/loaded'
import { tell } from '@/parts/notices'
import { WideTable } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { settingsQuery } from './queries'
import { Rename } from './rename'
import { ChangeK, ChangeWeek } from './terms'

type Settings = Schema['SettingsOut']

/** What the workspace is set to, and what that means. */
export function Workspace() {
  const settings = useQuery(settingsQuery)
  const mayDelete = useMay('delete')
  return (
    <Stack>
      <Loaded query={settings} height={420}>
        {(found) => (
          <>
            <Made settings={found} />
            <Retention settings={found} />
            <Limits settings={found} />
          </>
        )}
      </Loaded>
      {mayDelete && <Archive />}
    </Stack>
  )
}

function Made({ settings: { workspace } }: { settings: Settings }) {
  const texts = useTexts('settings')
  const formats = useFormats()
  const mayChange = useMay('delete')
  return (
    <Card title={texts.workspace} about={texts.workspaceAbout}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        <Fact name={texts.name} about={texts.nameAbout}>
          <Group gap="xs">
            {workspace.name}
            {mayChange && <Rename id={workspace.id} name={workspace.name} />}
          </Group>
        </Fact>
        <Fact name={texts.zone} about={texts.zoneAbout}>
          {workspace.zone}
        </Fact>
        <Fact name={texts.week} about={texts.weekAbout}>
          <Group gap="xs">
            {texts.weekdays[workspace.week_start] ?? workspace.week_start}
            {mayChange && <ChangeWeek id={workspace.id} day={workspace.week_start} />}
          </Group>
        </Fact>
        <Fact name={texts.k} about={texts.kAbout}>
          <Group gap="xs">
            {formats.count(workspace.k)}
            {mayChange && <ChangeK id={workspace.id} k={workspace.k} />}
          </Group>
        </Fact>
        <Fact name={texts.packs} about={texts.packsAbout(workspace.name)}>
          <Group gap={4}>
            {workspace.packs.map((pack) => (
              <Badge miw="max-content" key={pack}>
                {pack}
              </Badge>
            ))}
          </Group>
        </Fact>
      </SimpleGrid>
    </Card>
  )
}

function Fact({ name, about, children }: { name: string; about: string; children: ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text component="div" fw={550}>
        {children}
      </Text>
      <Text size="xs" c="dimmed" mt={2}>
        {about}
      </Text>
    </div>
  )
}

function Retention({ settings }: { settings: Settings }) {
  const texts = useTexts('settings')
  const parts = useTexts('parts')
  const formats = useFormats()
  const days = (count: number | null) => (count === null ? '–' : parts.days(count, formats.count(count)))
  return (
    <Card title={texts.retention} about={texts.retentionAbout} flush>
      <WideTable least={420} head={[texts.stream, texts.lives, texts.late]}>
        {settings.streams.map((stream) => (
          <Table.Tr key={stream.stream}>
            <Table.Td fw={550}>{stream.stream}</Table.Td>
            <Table.Td>{stream.retention_days === null ? texts.forever : days(stream.retention_days)}</Table.Td>
            <Table.Td>{days(stream.late_days)}</Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Card>
  )
}

/** How much at once, each with the setting that says so. */
function Limits({ settings: { limits } }: { settings: Settings }) {
  const texts = useTexts('settings')
  const formats = useFormats()
  const lines = [
    [texts.limitWidgets, formats.count(limits.widgets), 'KEEPSUM_DASHBOARD_WIDGETS'],
    [texts.limitRefresh, texts.seconds(formats.count(limits.refresh)), 'KEEPSUM_DASHBOARD_REFRESH'],
    [texts.limitRows, formats.count(limits.export_rows), 'KEEPSUM_EXPORT_ROWS'],
    [texts.limitDays, formats.count(limits.export_days), 'KEEPSUM_EXPORT_DAYS'],
    [texts.limitBody, formats.bytes(limits.body_bytes), 'KEEPSUM_BODY_LIMIT'],
  ] as const
  return (
    <Card title={texts.limits} about={texts.limitsAbout} flush>
      <Table verticalSpacing="sm" horizontalSpacing="md">
        <Table.Tbody>
          {lines.map(([name, value, setting]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400}>
                {name}
                <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
                  {setting}
                </Text>
              </Table.Th>
              <Table.Td ta="right">{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  )
}

function Archive() {
  const texts = useTexts('settings')
  const session = useSession()
  const [isAsking, setIsAsking] = useState(false)
  const current = session.workspaces.find(({ id }) => id === session.workspace)
  const isArchived = current?.state === 'archived'
  const said = isArchived
    ? {
        title: texts.archived,
        about: texts.archivedAbout,
        act: texts.unarchiveDo,
        sure: texts.unarchiveSure,
        submit: texts.unarchiveSubmit,
      }
    : {
        title: texts.archive,
        about: texts.archiveAbout,
        act: texts.archiveDo,
        sure: texts.archiveSure,
        submit: texts.archiveSubmit,
      }
  return (
    <Card title={said.title} about={said.about}>
      <Button
        variant="default"
        onClick={() => {
          setIsAsking(true)
        }}
      >
        {said.act}
      </Button>
      {isAsking && (
        <SureToArchive
          name={current?.name ?? session.workspace}
          isArchived={isArchived}
          said={said}
          onClose={() => {
            setIsAsking(false)
          }}
        />
      )}
    </Card>
  )
}

interface SureToArchiveProps {
  name: string
  isArchived: boolean
  said: { act: string; sure: string; submit: string }
  onClose: () => void
}

function SureToArchive({ name, isArchived, said, onClose }: SureToArchiveProps) {
  const texts = useTexts('settings')
  const { workspace } = useSession()
  const queries = useQueryClient()
  const archiving = useMutation({
    mutationFn: () =>
      take(
        client.PATCH('/v1/workspaces/{id}', { params: { path: { id: workspace } }, body: { archived: !isArchived } }),
      ),
    onSuccess: async () => {
      tell({ message: texts.changed, tone: 'good' })
      onClose()
      await queries.invalidateQueries({ queryKey: ['session'] })
    },
  })
  return (
    <Confirm
      title={said.act}
      about={said.sure}
      name={{ value: name, label: texts.archiveConfirm(name) }}
      submit={said.submit}
      isDanger={!isArchived}
      isPending={archiving.isPending}
      error={archiving.error}
      onSubmit={() => {
        archiving.mutate()
      }}
      onClose={onClose}
    />
  )
}
