// The labels of an answer: quiet while all is well, plain words for whoever asks, and for screen readers.
import { Badge, List, Popover, Text, ThemeIcon, UnstyledButton } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, type Icon } from '@tabler/icons-react'
import type { Labels } from '@/answer/answer'
import { facts, headline, type Fact, type Tone } from '@/answer/labels'
import { humanised, share } from '@/answer/numbers'
import { useFormats, useTexts, type Texts } from '@/texts'
import type { Formats } from '@/texts/format'
import classes from './boards.module.css'

const COLORS: Record<Tone, string> = { good: 'green', quiet: 'gray', notice: 'yellow', warning: 'orange' }
const ICONS: Record<Tone, Icon> = {
  good: IconCircleCheck,
  quiet: IconInfoCircle,
  notice: IconInfoCircle,
  warning: IconAlertTriangle,
}
const MOST_STRETCHES = 6

/** What an answer's numbers are, in a word; all of it in plain words when asked. */
export function LabelBadge({ labels, unfiltered = [] }: { labels: Labels; unfiltered?: readonly string[] }) {
  const texts = useTexts('answers')
  const formats = useFormats()
  const first = headline(labels)
  const short = first === null ? texts.proven : shortOf(texts, formats, first)
  return (
    <Popover width={340} position="bottom-end" withArrow shadow="md">
      <Popover.Target>
        <UnstyledButton className={classes['labels']} aria-label={texts.labelsOf(short)} data-labels>
          {first === null ? (
            <IconCircleCheck size={15} aria-hidden className={classes['proven']} />
          ) : (
            <Badge color={COLORS[first.tone]} size="sm" className={classes['badge'] ?? ''}>
              {short}
            </Badge>
          )}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Text fw={600} size="sm" mb={6}>
          {texts.labelsTitle}
        </Text>
        <FactList labels={labels} unfiltered={unfiltered} />
      </Popover.Dropdown>
    </Popover>
  )
}

/** Every fact of an answer's labels, as sentences. */
export function FactList({ labels, unfiltered = [] }: { labels: Labels; unfiltered?: readonly string[] }) {
  const texts = useTexts('answers')
  const formats = useFormats()
  return (
    <List size="sm" spacing={6} center={false} listStyleType="none">
      {facts(labels).map((fact, i) => (
        <Fact key={i} tone={fact.tone} text={sentence(texts, formats, fact)} />
      ))}
      {unfiltered.length > 0 && <Fact tone="notice" text={texts.unfiltered(formats.list(unfiltered.map(humanised)))} />}
    </List>
  )
}

function Fact({ tone, text }: { tone: Tone; text: string }) {
  const Mark = ICONS[tone]
  return (
    <List.Item
      icon={
        <ThemeIcon color={COLORS[tone]} variant="transparent" size={20} aria-hidden>
          <Mark size={16} />
        </ThemeIcon>
      }
    >
      {text}
    </List.Item>
  )
}

function shortOf(texts: Texts['answers'], { locale }: Formats, fact: Fact): string {
  if (fact.code === 'MISSING') return texts.missingBadge(fact.days)
  if (fact.code === 'ESTIMATE')
    return fact.error === null ? texts.estimateUnbound : texts.estimateBadge(share(fact.error, locale))
  if (fact.code === 'NOTE') return texts.noteBadges[fact.note] ?? texts.badges.NOTE
  return texts.badges[fact.code]
}

function sentence(texts: Texts['answers'], formats: Formats, fact: Fact): string {
  switch (fact.code) {
    case 'MISSING': {
      const listed = fact.stretches
        .slice(0, MOST_STRETCHES)
        .map(({ from, to }) => texts.fromTo(formats.shortDate(from), formats.shortDate(to)))
      const more = fact.stretches.length - listed.length
      return texts.missingFact(
        fact.days,
        more > 0 ? `${listed.join(', ')} ${texts.andMore(more)}` : formats.list(listed),
      )
    }
    case 'ESTIMATE':
      return fact.error === null
        ? texts.estimateFree
        : texts.estimate(humanised(fact.metric), share(fact.error, formats.locale))
    case 'NOTE':
      return texts.notes[fact.note] ?? fact.note
    default:
      return texts.facts[fact.code]
  }
}
