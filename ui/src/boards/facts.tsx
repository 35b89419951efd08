// Everything that there is to say of an answer's numbers, as sentences.
import { List, ThemeIcon } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, type Icon } from '@tabler/icons-react'
import type { Labels } from '@/answer/answer'
import { facts, type Fact, type Tone } from '@/answer/labels'
import { humanised, share } from '@/answer/numbers'
import { useFormats, useTexts, type Texts } from '@/texts'
import type { Formats } from '@/texts/format'
import { COLORS } from './badge'

const ICONS: Record<Tone, Icon> = {
  good: IconCircleCheck,
  quiet: IconInfoCircle,
  notice: IconInfoCircle,
  warning: IconAlertTriangle,
}
const MOST_STRETCHES = 6

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
