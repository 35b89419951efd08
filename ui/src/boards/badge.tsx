// The labels of an answer: quiet while all is well, plain words for whoever asks, and for screen readers.
import { Badge, UnstyledButton } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import type { Labels } from '@/answer/answer'
import { headline, type Fact, type Tone } from '@/answer/labels'
import { share } from '@/answer/numbers'
import { Opening } from '@/parts/opening'
import { useFormats, useTexts, type Texts } from '@/texts'
import type { Formats } from '@/texts/format'
import classes from './boards.module.css'

/** What each tone is painted in. */
export const COLORS: Record<Tone, string> = { good: 'green', quiet: 'gray', notice: 'yellow', warning: 'orange' }

const loadFacts = () => import('./factswindow')

/** What an answer's numbers are, in a word; all of it in plain words when asked. */
export function LabelBadge({ labels, unfiltered = [] }: { labels: Labels; unfiltered?: readonly string[] }) {
  const texts = useTexts('answers')
  const formats = useFormats()
  const first = headline(labels)
  const short = first === null ? texts.proven : shortOf(texts, formats, first)
  return (
    <Opening popup="dialog" load={loadFacts} given={{ labels, unfiltered }}>
      {(opener) => (
        <UnstyledButton {...opener} className={classes['labels']} aria-label={texts.labelsOf(short)} data-labels>
          {first === null ? (
            <IconCircleCheck size={15} aria-hidden className={classes['proven']} />
          ) : (
            <Badge color={COLORS[first.tone]} size="sm" className={classes['badge'] ?? ''}>
              {short}
            </Badge>
          )}
        </UnstyledButton>
      )}
    </Opening>
  )
}

function shortOf(texts: Texts['answers'], { locale }: Formats, fact: Fact): string {
  if (fact.code === 'MISSING') return texts.missingBadge(fact.days)
  if (fact.code === 'ESTIMATE')
    return fact.error === null ? texts.estimateUnbound : texts.estimateBadge(share(fact.error, locale))
  if (fact.code === 'NOTE') return texts.noteBadges[fact.note] ?? texts.badges.NOTE
  return texts.badges[fact.code]
}
