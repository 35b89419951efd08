// The settings of one widget; every change is seen at once on the board beside it.
import { MultiSelect, NumberInput, Select, Stack, Switch, Textarea, TextInput } from '@mantine/core'
import { humanised } from '@/answer/numbers'
import { KINDS, type Kind, type Options, type Widget, type WidgetQuery } from '@/boards/document'
import { useMetrics, type Metric } from '@/questions/ask'
import { FilterPill, AddFilter } from '@/questions/filters'
import { GRAINS } from '@/questions/range'
import { useTexts } from '@/texts'
import { newWidget } from './editbar'
import type { Step } from './editing'
import { Side } from './side'

interface FormProps {
  widget: Widget
  step: (step: Step) => void
}

/** A drawer with the settings of a widget. */
export function WidgetDrawer({ widget, step, onClose }: FormProps & { onClose: () => void }) {
  const texts = useTexts('dashboards')
  return (
    <Side title={texts.widgetSettings} onClose={onClose}>
      <Naming widget={widget} step={step} />
      {widget.kind === 'text' ? <TextOption widget={widget} step={step} /> : <Asking widget={widget} step={step} />}
    </Side>
  )
}

function Naming({ widget, step }: FormProps) {
  const texts = useTexts('dashboards')
  const kinds = useTexts('answers').kinds
  const metrics = useMetrics()
  const change = (part: Partial<Widget>) => {
    step({ type: 'change', widget: { ...widget, ...part } })
  }
  const become = (kind: Kind) => {
    const query = kind === 'text' ? null : (widget.query ?? newWidget(widget.id, kind, metrics).query)
    change({ kind, query })
  }
  return (
    <>
      <TextInput
        label={texts.name}
        maxLength={120}
        data-autofocus
        value={widget.title}
        placeholder={widget.query?.metrics.map(humanised).join(', ')}
        onChange={(event) => {
          change({ title: event.currentTarget.value })
        }}
      />
      <Select
        label={texts.kind}
        allowDeselect={false}
        data={KINDS.map((kind) => ({ value: kind, label: kinds[kind] }))}
        value={widget.kind}
        onChange={(kind) => {
          if (kind !== null) become(kind)
        }}
      />
    </>
  )
}

function TextOption({ widget, step }: FormProps) {
  const texts = useTexts('dashboards')
  return (
    <Textarea
      label={texts.text}
      description={texts.textHint}
      autosize
      minRows={5}
      maxLength={4_000}
      value={widget.options.text}
      onChange={(event) => {
        step({ type: 'change', widget: { ...widget, options: { ...widget.options, text: event.currentTarget.value } } })
      }}
    />
  )
}

function Asking({ widget, step }: FormProps) {
  const texts = useTexts('dashboards')
  const metrics = useMetrics()
  const query = widget.query ?? newWidget(widget.id, widget.kind, metrics).query
  if (query === null) return null
  const ask = (part: Partial<WidgetQuery>) => {
    step({ type: 'change', widget: { ...widget, query: { ...query, ...part } } })
  }
  const dimensions = shared(query.metrics, metrics)
  const isSplit = widget.kind !== 'card' && widget.kind !== 'gauge'
  return (
    <>
      <MultiSelect
        label={texts.metrics}
        searchable
        maxValues={8}
        data={[...metrics.keys()].map((name) => ({ value: name, label: humanised(name) }))}
        value={[...query.metrics]}
        error={query.metrics.length === 0 ? texts.metricsHint : undefined}
        onChange={(names) => {
          // A widget without a metric asks nothing, and could not be saved.
          if (names.length > 0)
            ask({ metrics: names, by: query.by.filter((one) => shared(names, metrics).includes(one)) })
        }}
      />
      {isSplit && (
        <MultiSelect
          label={texts.splits}
          maxValues={2}
          data={dimensions.map((name) => ({ value: name, label: humanised(name) }))}
          value={[...query.by]}
          onChange={(by) => {
            ask({ by })
          }}
        />
      )}
      <OwnFilters query={query} dimensions={dimensions} ask={ask} />
      <GrainOption query={query} ask={ask} />
      {isSplit && query.by.length > 0 && <GroupOptions query={query} ask={ask} />}
      <Looks widget={widget} step={step} />
    </>
  )
}

type Ask = (part: Partial<WidgetQuery>) => void

function OwnFilters({ query, dimensions, ask }: { query: WidgetQuery; dimensions: readonly string[]; ask: Ask }) {
  const set = Object.keys(query.where)
  const without = (name: string) => Object.fromEntries(Object.entries(query.where).filter(([one]) => one !== name))
  return (
    <Stack gap={6} align="flex-start">
      {set.map((name) => (
        <FilterPill
          key={name}
          dimension={name}
          metric={query.metrics[0]}
          values={query.where[name] ?? []}
          onValues={(values) => {
            ask({ where: { ...query.where, [name]: values } })
          }}
          onRemove={() => {
            ask({ where: without(name) })
          }}
        />
      ))}
      <AddFilter
        dimensions={dimensions.filter((one) => !set.includes(one))}
        onAdd={(name) => {
          ask({ where: { ...query.where, [name]: [] } })
        }}
      />
    </Stack>
  )
}

function GrainOption({ query, ask }: { query: WidgetQuery; ask: Ask }) {
  const texts = useTexts('dashboards')
  const { grains } = useTexts('answers')
  return (
    <Select
      label={texts.ownGrain}
      allowDeselect={false}
      data={[
        { value: 'dashboard', label: texts.likeDashboard },
        { value: 'all', label: texts.wholeRange },
        ...GRAINS.map((one) => ({ value: one, label: grains[one] })),
      ]}
      value={query.grain ?? 'dashboard'}
      onChange={(value) => {
        ask({ grain: value === 'dashboard' ? null : value })
      }}
    />
  )
}

function GroupOptions({ query, ask }: { query: WidgetQuery; ask: Ask }) {
  const texts = useTexts('dashboards')
  const [metric = ''] = query.metrics
  const [dimension = ''] = query.by
  return (
    <>
      <Select
        label={texts.order}
        allowDeselect={false}
        data={[
          { value: '', label: texts.orderAuto },
          { value: metric, label: texts.orderSmall },
          { value: dimension, label: texts.orderName },
        ]}
        value={[metric, dimension].includes(query.order ?? '') ? query.order : ''}
        onChange={(order) => {
          ask({ order: order === '' ? null : order })
        }}
      />
      <NumberInput
        label={texts.top}
        placeholder={texts.topAuto}
        min={1}
        max={1_000}
        allowDecimal={false}
        value={query.top ?? ''}
        onChange={(top) => {
          ask({ top: typeof top === 'number' && top >= 1 ? top : null })
        }}
      />
    </>
  )
}

const STACKED: ReadonlySet<Kind> = new Set(['area', 'bar', 'line'])
const COMPARED: ReadonlySet<Kind> = new Set(['card', 'line', 'area', 'bar', 'table'])

function Looks({ widget, step }: FormProps) {
  const texts = useTexts('dashboards')
  const { kind, options, query } = widget
  const look = (part: Partial<Options>) => {
    step({ type: 'change', widget: { ...widget, options: { ...options, ...part } } })
  }
  const toggle = (name: 'stacked' | 'normal' | 'comparison') => (
    <Switch
      label={texts[name]}
      checked={options[name]}
      onChange={(event) => {
        look({ [name]: event.currentTarget.checked })
      }}
    />
  )
  return (
    <Stack gap="sm" mt={4}>
      {STACKED.has(kind) && toggle('stacked')}
      {STACKED.has(kind) && toggle('normal')}
      {COMPARED.has(kind) && toggle('comparison')}
      {kind === 'table' && query !== null && (
        <Switch
          label={texts.totals}
          checked={query.totals}
          onChange={(event) => {
            step({ type: 'change', widget: { ...widget, query: { ...query, totals: event.currentTarget.checked } } })
          }}
        />
      )}
      {kind === 'gauge' && <Target target={options.target} look={look} />}
    </Stack>
  )
}

const DECIMAL = /^-?\d{1,18}(\.\d{1,9})?$/

function Target({ target, look }: { target: string | null; look: (part: Partial<Options>) => void }) {
  const texts = useTexts('dashboards')
  return (
    <TextInput
      label={texts.target}
      inputMode="decimal"
      defaultValue={target ?? ''}
      error={target !== null && !DECIMAL.test(target) ? texts.targetWrong : undefined}
      onChange={(event) => {
        const text = event.currentTarget.value.trim()
        if (text === '' || DECIMAL.test(text)) look({ target: text === '' ? null : text })
      }}
    />
  )
}

/** Give the dimensions that all of these metrics have. */
export function shared(names: readonly string[], metrics: ReadonlyMap<string, Metric>): string[] {
  const all = names.map((name) => metrics.get(name)?.dimensions ?? [])
  return (all[0] ?? []).filter((one) => all.every((dimensions) => dimensions.includes(one)))
}
