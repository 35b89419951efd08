// A board on paper: what its controls say stands there in words, and it is printed as by day.
import { Text, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { humanised } from '@/answer/numbers'
import type { View } from '@/boards/question'
import { valueName } from '@/boards/words'
import type { Here } from '@/questions/range'
import { useFormats, useTexts } from '@/texts'
import './print.css'

const DRAWN = 600 // milliseconds after which all charts have their new size and colours

/** What a printed board is about: its days, what it is compared with, its filters, and when that was so. */
export function PrintedHead({ view, here }: { view: View; here: Here }) {
  const answers = useTexts('answers')
  const texts = useTexts('dashboards')
  const formats = useFormats()
  const filters = view.filters.flatMap(({ dimension, values }) =>
    values.length === 0
      ? []
      : [`${humanised(dimension)}: ${formats.list(values.map((one) => valueName(answers, one)))}`],
  )
  const parts = [
    answers.fromTo(formats.date(view.dates.from), formats.date(view.dates.to)),
    ...(view.compare === null ? [] : [texts.compared]),
    ...filters,
    texts.asOf(formats.date(here.today)),
  ]
  return (
    <Text size="sm" className="only-print">
      {parts.join(' · ')}
    </Text>
  )
}

/** Give what prints the page: as wide as paper, and in the colours of the day, whatever somebody looks at it in. */
export function usePrint(): () => Promise<void> {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const isDark = useComputedColorScheme('light') === 'dark'
  return async () => {
    const root = document.documentElement
    root.toggleAttribute('data-paper', true)
    if (isDark) setColorScheme('light')
    await new Promise((resolve) => setTimeout(resolve, DRAWN))
    globalThis.print()
    root.removeAttribute('data-paper')
    if (isDark) setColorScheme(colorScheme)
  }
}
