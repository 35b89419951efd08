// The versions of a dashboard that are kept, and bringing one back.
import { Badge, Button, Drawer, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { Schema } from '@/api/client'
import { useSession } from '@/api/session'
import { tell } from '@/parts/notices'
import { useProblemText } from '@/parts/state'
import { useFormats, useTexts } from '@/texts'
import type { Step } from './editing'
import { versionOf, versionsQuery, type Dashboard } from './queries'

/** A drawer with the versions of a dashboard; one that is brought back is an edit, and can be undone. */
export function Versions({
  dashboard,
  step,
  onClose,
}: {
  dashboard: Dashboard
  step: (step: Step) => void
  onClose: () => void
}) {
  const texts = useTexts('dashboards')
  const said = useProblemText()
  const found = useQuery(versionsQuery(dashboard.id))
  const restoring = useMutation({
    mutationFn: (version: number) => versionOf(dashboard.id, version),
    onSuccess: (document, version) => {
      step({ type: 'replace', document })
      tell({ message: texts.restored(version) })
      onClose()
    },
    onError: (error) => {
      tell({ tone: 'bad', message: said(error) })
    },
  })
  return (
    <Drawer opened onClose={onClose} position="right" title={texts.versions}>
      <Text size="sm" c="dimmed" mb="md">
        {texts.versionsAbout}
      </Text>
      {found.isError && <Text c="red">{said(found.error)}</Text>}
      <Stack component="ol" gap="sm" p={0} m={0} style={{ listStyle: 'none' }}>
        {found.data?.map((one, i) => (
          <Entry
            key={one.version}
            one={one}
            isNow={i === 0}
            isLoading={restoring.isPending && restoring.variables === one.version}
            onRestore={() => {
              restoring.mutate(one.version)
            }}
          />
        ))}
      </Stack>
    </Drawer>
  )
}

interface EntryProps {
  one: Schema['VersionOut']
  isNow: boolean
  isLoading: boolean
  onRestore: () => void
}

function Entry({ one, isNow, isLoading, onRestore }: EntryProps) {
  const texts = useTexts('dashboards')
  const session = useSession()
  const formats = useFormats(session.zone)
  const when = one.changed_at === null ? '' : formats.dateTime(one.changed_at)
  return (
    <Group component="li" justify="space-between" wrap="nowrap">
      <div>
        <Text size="sm" fw={550}>
          {texts.version(one.version)} · <bdi>{one.title}</bdi>
        </Text>
        <Text size="xs" c="dimmed">
          {texts.versionBy(one.changed_by?.name ?? texts.somebody, when)} · {texts.widgets(one.widgets)}
        </Text>
      </div>
      {isNow ? (
        <Badge color="gray">{texts.versionNow}</Badge>
      ) : (
        <Button size="compact-xs" variant="default" loading={isLoading} onClick={onRestore}>
          {texts.restore}
        </Button>
      )}
    </Group>
  )
}
