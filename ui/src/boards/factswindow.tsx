import { Text } from '@mantine/core'
import type { Labels } from '@/answer/answer'
import { OpenedWindow } from '@/parts/opened'
import type { Opened } from '@/parts/opening'
import { useTexts } from '@/texts'
import { FactList } from './facts'

interface FactsProps {
  labels: Labels
  unfiltered: readonly string[]
  opened: Opened
}

/** What an answer's numbers are, in a window beside its badge. */
export default function FactsWindow({ labels, unfiltered, opened }: FactsProps) {
  const texts = useTexts('answers')
  return (
    <OpenedWindow opened={opened} width={340} position="bottom-end" withArrow>
      <Text fw={600} size="sm" mb={6}>
        {texts.labelsTitle}
      </Text>
      <FactList labels={labels} unfiltered={unfiltered} />
    </OpenedWindow>
  )
}
