// Which days a page is about: presets in the workspace's zone, or any two days.
import { ActionIcon, Button, Group } from '@mantine/core'
import { IconCalendar, IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { Choice } from '@/parts/choice'
import { Opening } from '@/parts/opening'
import { useFormats, useTexts } from '@/texts'
import { datesOf, grainFor, GRAINS, shifted, type Dates, type Grain, type Here, type Range } from './range'

const loadRanges = () => import('./ranges')

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
    <Group gap={4} wrap="nowrap" maw="100%">
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

// Two dates in full are wider than a small phone, and stand under each other there.
const NARROW = { label: { whiteSpace: 'normal', textAlign: 'start' } } as const

function Choices({ dates, ...props }: RangePickerProps & { dates: Dates }) {
  const texts = useTexts('answers')
  const formats = useFormats()
  const { range, compare, onRange, onCompare } = props
  const written = texts.fromTo(formats.date(dates.from), formats.date(dates.to))
  return (
    <Opening popup="dialog" load={loadRanges} given={{ range, dates, compare, onRange, onCompare }}>
      {(opener) => (
        <Button
          {...opener}
          variant="default"
          size="xs"
          miw={0}
          mih={30}
          h="auto"
          styles={NARROW}
          leftSection={<IconCalendar size={16} aria-hidden />}
          title={written}
        >
          {'preset' in range ? texts.presets[range.preset] : written}
        </Button>
      )}
    </Opening>
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
    <Choice
      width={140}
      label={texts.grain}
      options={[
        { value: 'auto', label: texts.grainAutoIs(auto) },
        ...GRAINS.map((one) => ({ value: one, label: texts.grains[one] })),
        ...(whole === undefined ? [] : [{ value: 'all' as const, label: whole.label }]),
      ]}
      value={grain ?? 'auto'}
      onChoose={(value) => {
        if (value === 'all') whole?.onWhole()
        else onGrain(value === 'auto' ? null : value)
      }}
    />
  )
}
