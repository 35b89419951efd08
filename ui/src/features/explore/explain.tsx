// How an answer came about, for people: which days came from where, what was not used and why, what it cost.
import { Button, Skeleton } from '@mantine/core'
import { IconChevronDown, IconRoute } from '@tabler/icons-react'
import { useId } from 'react'
import { useComing } from '@/parts/opening'
import type { Question } from '@/questions/ask'
import { useTexts } from '@/texts'
import classes from './explore.module.css'

const loadStory = () => import('./story')

interface ExplainPanelProps {
  question: Question
  unfiltered: readonly string[]
  isOpen: boolean
  onOpen: (isOpen: boolean) => void
}

/** A panel that says how an answer came about; asked for when it is opened. */
export function ExplainPanel({ question, unfiltered, isOpen, onOpen }: ExplainPanelProps) {
  const texts = useTexts('explore')
  const id = useId()
  const show = useComing(loadStory, isOpen, () => {
    onOpen(false)
  })
  return (
    <section className={classes['explain']} aria-label={texts.explain}>
      <Button
        variant="subtle"
        color="gray"
        size="sm"
        justify="space-between"
        fullWidth
        aria-expanded={isOpen}
        aria-controls={id}
        leftSection={<IconRoute size={17} aria-hidden />}
        rightSection={<IconChevronDown size={16} aria-hidden className={classes['turning'] ?? ''} />}
        classNames={{ label: classes['explainLabel'] ?? '' }}
        onClick={() => {
          onOpen(!isOpen)
        }}
      >
        {texts.explain}
      </Button>
      <div id={id} hidden={!isOpen}>
        {isOpen && show === null && <Skeleton height={180} radius="md" m="md" />}
        {isOpen && show?.({ question, unfiltered })}
      </div>
    </section>
  )
}
