// The settings of a dashboard: what it is called, and what it shows at first.
import { MultiSelect, Select, Switch, Textarea, TextInput } from '@mantine/core'
import { humanised } from '@/answer/numbers'
import type { Document } from '@/boards/document'
import { useMetrics } from '@/questions/ask'
import { GRAINS, PRESETS } from '@/questions/range'
import { useTexts } from '@/texts'
import type { Step } from './editing'
import { Side } from './side'

const REFRESH = [15, 60, 300, 900, 3_600]

/** A drawer with the settings of a dashboard. */
export function SettingsDrawer({
  document,
  step,
  onClose,
}: {
  document: Document
  step: (step: Step) => void
  onClose: () => void
}) {
  const texts = useTexts('dashboards')
  const set = (settings: Partial<Omit<Document, 'widgets'>>) => {
    step({ type: 'settings', settings })
  }
  return (
    <Side title={texts.settings} onClose={onClose}>
      <TextInput
        label={texts.name}
        required
        maxLength={120}
        data-autofocus
        defaultValue={document.title}
        onChange={(event) => {
          const title = event.currentTarget.value.trim()
          if (title !== '') set({ title })
        }}
      />
      <Textarea
        label={texts.description}
        maxLength={500}
        autosize
        value={document.about}
        onChange={(event) => {
          set({ about: event.currentTarget.value })
        }}
      />
      <Start document={document} set={set} />
      <Offered document={document} set={set} />
    </Side>
  )
}

interface PartProps {
  document: Document
  set: (settings: Partial<Omit<Document, 'widgets'>>) => void
}

function Start({ document, set }: PartProps) {
  const texts = useTexts('dashboards')
  const answers = useTexts('answers')
  const { range, grain, compare, refresh } = document
  return (
    <>
      <Select
        label={texts.defaultRange}
        data={PRESETS.map((one) => ({ value: one, label: answers.presets[one] }))}
        value={'preset' in range ? range.preset : null}
        placeholder={'preset' in range ? undefined : answers.fromTo(range.from, range.to)}
        onChange={(preset) => {
          if (preset !== null) set({ range: { preset } })
        }}
      />
      <Select
        label={texts.defaultGrain}
        allowDeselect={false}
        data={[
          { value: 'auto', label: answers.grainAuto },
          ...GRAINS.map((one) => ({ value: one, label: answers.grains[one] })),
        ]}
        value={grain ?? 'auto'}
        onChange={(value) => {
          set({ grain: value === 'auto' ? null : value })
        }}
      />
      <Select
        label={texts.refreshEvery}
        allowDeselect={false}
        data={[
          { value: 'live', label: texts.live },
          ...refreshes(refresh).map((seconds) => ({ value: String(seconds), label: texts.everySeconds(seconds) })),
        ]}
        value={String(refresh)}
        onChange={(value) => {
          set({ refresh: value === 'live' ? 'live' : Number(value) })
        }}
      />
      <Switch
        label={texts.defaultCompare}
        checked={compare !== null}
        onChange={(event) => {
          set({ compare: event.currentTarget.checked ? 'previous' : null })
        }}
      />
    </>
  )
}

function refreshes(now: Document['refresh']): number[] {
  return [...new Set(now === 'live' ? REFRESH : [...REFRESH, now])].sort((a, b) => a - b)
}

function Offered({ document, set }: PartProps) {
  const texts = useTexts('dashboards')
  const metrics = useMetrics()
  const known = document.widgets
    .flatMap(({ query }) => query?.metrics ?? [])
    .flatMap((name) => metrics.get(name)?.dimensions ?? [])
  const offered = document.filters.map(({ dimension }) => dimension)
  return (
    <MultiSelect
      label={texts.offeredFilters}
      maxValues={8}
      data={[...new Set([...offered, ...known])].map((one) => ({ value: one, label: humanised(one) }))}
      value={offered}
      onChange={(names) => {
        const before = new Map(document.filters.map((one) => [one.dimension, one]))
        set({ filters: names.map((dimension) => before.get(dimension) ?? { dimension, values: [] }) })
      }}
    />
  )
}
