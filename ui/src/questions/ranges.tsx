// The ranges to choose from: presets, or any two days.
import { Button, Divider, Group, NavLink, Stack, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { OpenedWindow } from '@/parts/opened'
import type { Opened } from '@/parts/opening'
import { useTexts } from '@/texts'
import { daysBetween, isDate, PRESETS, type Dates, type Range } from './range'

interface RangesProps {
  range: Range
  dates: Dates
  compare: boolean
  onRange: (range: Range) => void
  onCompare: ((compare: boolean) => void) | undefined
  opened: Opened
}

/** The ranges, in a window. */
export default function RangesWindow({ range, dates, compare, onRange, onCompare, opened }: RangesProps) {
  const texts = useTexts('answers')
  const choose = (next: Range) => {
    onRange(next)
    opened.onOpen(false)
  }
  return (
    <OpenedWindow opened={opened} position="bottom-end">
      <Group align="stretch" gap="sm" wrap="wrap">
        <Presets range={range} onRange={choose} />
        <Divider orientation="vertical" />
        <Stack gap="sm" w={200}>
          <Between key={`${dates.from}${dates.to}`} from={dates.from} to={dates.to} onDates={choose} />
          {onCompare && (
            <>
              <Divider />
              <Switch
                size="sm"
                label={texts.compare}
                checked={compare}
                onChange={(event) => {
                  onCompare(event.currentTarget.checked)
                }}
              />
            </>
          )}
        </Stack>
      </Group>
    </OpenedWindow>
  )
}

function Presets({ range, onRange }: Pick<RangesProps, 'range' | 'onRange'>) {
  const texts = useTexts('answers')
  return (
    <Stack gap={0} role="group" aria-label={texts.range} w={170}>
      {PRESETS.map((preset) => (
        <NavLink
          key={preset}
          component="button"
          type="button"
          label={texts.presets[preset]}
          py={4}
          active={'preset' in range && range.preset === preset}
          onClick={() => {
            onRange({ preset })
          }}
        />
      ))}
    </Stack>
  )
}

function Between({ from, to, onDates }: { from: string; to: string; onDates: (range: Range) => void }) {
  const texts = useTexts('answers')
  const [dates, setDates] = useState({ from, to })
  const isRight = isDate(dates.from) && isDate(dates.to) && dates.from <= dates.to
  const change = (part: 'from' | 'to') => (event: React.ChangeEvent<HTMLInputElement>) => {
    setDates({ ...dates, [part]: event.currentTarget.value })
  }
  return (
    <form
      aria-label={texts.ownDates}
      onSubmit={(event) => {
        event.preventDefault()
        if (isRight) onDates(dates)
      }}
    >
      <Stack gap={6}>
        <TextInput type="date" size="xs" label={texts.from} value={dates.from} onChange={change('from')} required />
        <TextInput
          type="date"
          size="xs"
          label={texts.to}
          value={dates.to}
          onChange={change('to')}
          min={dates.from}
          required
        />
        <Button type="submit" size="xs" variant="light" disabled={!isRight}>
          {texts.apply}
          {isRight ? ` · ${texts.days(daysBetween(dates))}` : ''}
        </Button>
      </Stack>
    </form>
  )
}
