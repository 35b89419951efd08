// Two people edited one metric: nothing is overwritten unseen, and nothing is lost.
import { Button, Code, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Problem } from '@/api/problem'
import { useSession } from '@/api/session'
import { Loaded } from '@/parts/loaded'
import { useFormats, useTexts } from '@/texts'
import { metricName, OWN } from '../metrics'
import { customsQuery, type Custom, type Written } from './queries'

interface ConflictProps {
  problem: Problem
  mine: Written
  isPending: boolean
  onTake: (theirs: Custom) => void
  onKeep: (version: number) => void
  onClose: () => void
}

/** The choice between what somebody else saved and what is written here, both in sight. */
export function Conflict({ problem, mine, isPending, onTake, onKeep, onClose }: ConflictProps) {
  const texts = useTexts('custom')
  const found = useQuery({ ...customsQuery, staleTime: 0 })
  return (
    <Modal opened onClose={onClose} title={texts.conflictTitle(metricName(OWN + mine.name))}>
      <Loaded query={found} height={160}>
        {(metrics) => {
          const theirs = metrics.find(({ name }) => name === OWN + mine.name)
          return (
            <Stack gap="md">
              <About problem={problem} />
              {theirs && <Side title={texts.theirs} metric={theirs} />}
              <Side title={texts.mine} metric={mine} />
              <Group justify="flex-end" gap="xs">
                {theirs && (
                  <Button
                    variant="default"
                    onClick={() => {
                      onTake(theirs)
                    }}
                  >
                    {texts.takeTheirs}
                  </Button>
                )}
                {theirs && (
                  <Button
                    loading={isPending}
                    onClick={() => {
                      onKeep(theirs.version)
                    }}
                  >
                    {texts.keepMine}
                  </Button>
                )}
              </Group>
            </Stack>
          )
        }}
      </Loaded>
    </Modal>
  )
}

/** Who saved the metric and when, in a sentence. */
function About({ problem }: Pick<ConflictProps, 'problem'>) {
  const texts = useTexts('custom')
  const formats = useFormats(useSession().zone)
  const told = problem.document as { changed_at?: string; changed_by?: { name?: string | null } | null }
  const when = told.changed_at === undefined ? '' : formats.dateTime(told.changed_at)
  return <Text size="sm">{texts.conflictAbout(told.changed_by?.name ?? texts.somebody, when)}</Text>
}

/** A metric as one of both wrote it. */
function Side({ title, metric: { formula, about, unit } }: { title: string; metric: Written | Custom }) {
  return (
    <section aria-label={title}>
      <Text size="xs" c="dimmed" mb={2}>
        {title}
      </Text>
      <Code block>{formula}</Code>
      <Text size="xs" mt={2}>
        {[about, unit].filter((one) => one !== '').join(' · ')}
      </Text>
    </section>
  )
}
