// Which days a page is about: presets in the workspace's zone, or any two days.
import { Button, Divider, Group, NavLink, Popover, Stack, Switch, TextInput, ActionIcon, Select } from '@mantine/core'
import { IconCalendar, IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import { useFormats, useTexts } from '@/texts'
import {
  datesOf,
  daysBetween,
  grainFor,
  GRAINS,
  isDate,
  PRESETS,
  shifted,
  type Dates,
  type Grain,
  type Here,
  type Range,
} from './range'

interface RangePickerProps {
  range: Range
  here: Here
  compare: boolean
  /** The only days there are to choose from, if not all. */
  within?: Dates
  onRange: (range: Range) => void
  /** Nothing where no period before is shown. */
  onCompare?: ((compare: boolean) => void) | undefined
}

/** Picks a range, and whether it is compared with the one before. */
export function RangePicker(props: RangePickerProps) {
  const { range, here, within, onRange } = props
  const texts = useTexts('answers')
  const dates = datesOf(range, here)
  return (
    <Group gap={4} wrap="nowrap">
      <ActionIcon
        variant="default"
        size={30}
        aria-label={texts.earlier}
        disabled={within !== undefined && dates.from <= within.from}
        onClick={() => {
          onRange(shifted(dates, -1))
        }}
      >
        <IconChevronLeft size={16} />
      </ActionIcon>
      <Choices {...props} dates={dates} />
      <ActionIcon
        variant="default"
        size={30}
        aria-label={texts.later}
        disabled={dates.to >= (within?.to ?? here.today)}
        onClick={() => {
          onRange(shifted(dates, 1))
        }}
      >
        <IconChevronRight size={16} />
      </ActionIcon>
    </Group>
  )
}

function Choices({ range, dates, compare, onRange, onCompare }: RangePickerProps & { dates: Dates }) {
  const texts = useTexts('answers')
  const formats = useFormats()
  const [isOpen, setOpen] = useState(false)
  const written = texts.fromTo(formats.date(dates.from), formats.date(dates.to))
  const choose = (next: Range) => {
    onRange(next)
    setOpen(false)
  }
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconCalendar size={16} aria-hidden />}
          title={written}
          onClick={() => {
            setOpen(!isOpen)
          }}
        >
          {'preset' in range ? texts.presets[range.preset] : written}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
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
      </Popover.Dropdown>
    </Popover>
  )
}

function Presets({ range, onRange }: Pick<RangePickerProps, 'range' | 'onRange'>) {
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

interface GrainPickerProps {
  grain: Grain | 'all' | null
  range: Range
  here: Here
  onGrain: (grain: Grain | null) => void
  /** What is called that takes the range as one period, where that can be chosen. */
  whole?: { label: string; onWhole: () => void }
}

/** Picks how long one period is. */
export function GrainPicker({ grain, range, here, whole, onGrain }: GrainPickerProps) {
  const texts = useTexts('answers')
  const auto = texts.grains[grainFor(datesOf(range, here))]
  return (
    <Select
      size="xs"
      w={140}
      aria-label={texts.grain}
      allowDeselect={false}
      data={[
        { value: 'auto', label: texts.grainAutoIs(auto) },
        ...GRAINS.map((one) => ({ value: one, label: texts.grains[one] })),
        ...(whole === undefined ? [] : [{ value: 'all', label: whole.label }]),
      ]}
      value={grain ?? 'auto'}
      onChange={(value) => {
        if (value === 'all') whole?.onWhole()
        else onGrain(value === 'auto' ? null : (value as Grain | null))
      }}
    />
  )
}
