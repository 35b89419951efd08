// Everything that there is to say of an answer's numbers, as sentences.
import { List, ThemeIcon } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, type Icon } from '@tabler/icons-react'
import type { Labels } from '@/answer/answer'
import { facts, type Tone } from '@/answer/labels'
import { humanised } from '@/answer/numbers'
import { useFormats, useTexts } from '@/texts'
import { COLORS } from './badge'
import { sentenceOf } from './sentences'

const ICONS: Record<Tone, Icon> = {
  good: IconCircleCheck,
  quiet: IconInfoCircle,
  notice: IconInfoCircle,
  warning: IconAlertTriangle,
}

/** Every fact of an answer's labels, as sentences. */
export function FactList({ labels, unfiltered = [] }: { labels: Labels; unfiltered?: readonly string[] }) {
  const texts = useTexts('answers')
  const formats = useFormats()
  return (
    <List size="sm" spacing={6} center={false} listStyleType="none">
      {facts(labels).map((fact, i) => (
        <Fact key={i} tone={fact.tone} text={sentenceOf(texts, formats, fact)} />
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
