// How exports are told: their state, their days, and why one was refused or failed.
import { Badge } from '@mantine/core'
import { Problem } from '@/api/problem'
import { useProblemText } from '@/parts/state'
import { useFormats, useTexts } from '@/texts'
import type { Export } from './queries'

const COLORS: Record<Export['state'], string> = { preparing: 'blue', ready: 'green', failed: 'red', expired: 'gray' }

/** Where an export stands, in a word. */
export function StateBadge({ state }: Pick<Export, 'state'>) {
  const texts = useTexts('exports')
  return (
    <Badge miw="max-content" color={COLORS[state]}>
      {texts.states[state]}
    </Badge>
  )
}

/** Gives what tells the days of a range. */
export function useDays(): (dates: { from: string; to: string }) => string {
  const answers = useTexts('answers')
  const formats = useFormats()
  return ({ from, to }) => answers.fromTo(formats.date(from), formats.date(to))
}

/** Gives what tells a refusal: in words of ours where there are some, else in the server's own. */
export function useRefusalText(): (error: unknown) => string {
  const texts = useTexts('exports')
  const said = useProblemText()
  return (error) => (error instanceof Problem ? texts.errors[error.code] : undefined) ?? said(error)
}
