// The question as a sentence: show these, split by those, only where, over when.
import { Button, CloseButton, Group, Text } from '@mantine/core'
import { IconAlertTriangle, IconRestore } from '@tabler/icons-react'
import { useId, type ReactNode } from 'react'
import { humanised } from '@/answer/numbers'
import { Choice } from '@/parts/choice'
import type { Metric } from '@/questions/ask'
import { AddFilter, FilterPill } from '@/questions/filters'
import { GrainPicker, RangePicker } from '@/questions/rangepicker'
import { rangeText, type Here } from '@/questions/range'
import { useFormats, useTexts } from '@/texts'
import { sharedDimensions, type Asking } from './asking'
import classes from './explore.module.css'
import { MetricInfo, metricName, useMetricGroups } from './metrics'
import { Picker, type OptionGroup } from './picker'
import { MOST_METRICS, MOST_SPLITS, rangeFrom, withFilter, type ExploreSearch } from './search'

const GROUPS = [5, 10, 20, 50, 100, 500]

export interface SentenceProps {
  search: ExploreSearch
  asking: Asking | null
  here: Here
  metrics: ReadonlyMap<string, Metric>
  go: (part: Partial<ExploreSearch>) => void
}

/** The question, part by part. */
export function Sentence(props: SentenceProps) {
  const texts = useTexts('explore')
  const isBegun = props.asking !== null
  return (
    <section className={classes['sentence']} aria-label={texts.ask}>
      <Part name={texts.show}>
        <Metrics {...props} />
      </Part>
      {isBegun && (
        <>
          <Part name={texts.splits}>
            <Splits {...props} />
          </Part>
          <Part name={texts.only}>
            <Filters {...props} />
          </Part>
          <Part name={texts.over}>
            <When {...props} />
          </Part>
        </>
      )}
    </section>
  )
}

function Part({ name, children }: { name: string; children: ReactNode }) {
  const id = useId()
  return (
    <div className={classes['part']} role="group" aria-labelledby={id}>
      <Text size="sm" c="dimmed" id={id} className={classes['partName'] ?? ''}>
        {name}
      </Text>
      <Group gap={6} flex={1} wrap="wrap">
        {children}
      </Group>
    </div>
  )
}

/** The metrics that are not chosen yet, each with what it would not be split by. */
function useOptions(search: ExploreSearch, metrics: ReadonlyMap<string, Metric>): OptionGroup[] {
  const texts = useTexts('explore')
  const formats = useFormats()
  const chosen = search.metrics ?? []
  const groups = useMetricGroups(metrics)
  const without = (metric: Metric) => (search.by ?? []).filter((one) => !metric.dimensions.includes(one)).map(humanised)
  return groups
    .map(({ label, metrics }) => ({
      label,
      options: metrics
        .filter(({ name }) => !chosen.includes(name))
        .map((one) => ({
          value: one.name,
          label: metricName(one.name),
          mark: one.unit,
          about: one.about,
          hint: without(one).length === 0 ? undefined : texts.wouldNotSplit(formats.list(without(one))),
        })),
    }))
    .filter(({ options }) => options.length > 0)
}

function Metrics({ search, metrics, go }: SentenceProps) {
  const texts = useTexts('explore')
  const chosen = search.metrics ?? []
  const options = useOptions(search, metrics)
  return (
    <>
      {chosen.map((name) => (
        <Chosen
          key={name}
          remove={texts.removeMetric(metricName(name))}
          onRemove={() => {
            const left = chosen.filter((one) => one !== name)
            go({ metrics: left.length === 0 ? undefined : left })
          }}
          info={<InfoOf metric={metrics.get(name)} />}
        >
          {metricName(name)}
        </Chosen>
      ))}
      <Picker
        label={texts.addMetric}
        search={texts.searchMetrics}
        groups={options}
        disabled={chosen.length >= MOST_METRICS || options.length === 0}
        title={chosen.length >= MOST_METRICS ? texts.mostMetrics : undefined}
        onPick={(name) => {
          go({ metrics: [...chosen, name] })
        }}
      />
      {chosen.length > 0 && (
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          className={classes['restart'] ?? ''}
          leftSection={<IconRestore size={15} aria-hidden />}
          onClick={() => {
            go(NOTHING)
          }}
        >
          {texts.startOver}
        </Button>
      )}
    </>
  )
}

function InfoOf({ metric }: { metric: Metric | undefined }) {
  return metric === undefined ? null : <MetricInfo metric={metric} />
}

const NOTHING: ExploreSearch = {
  metrics: undefined,
  by: undefined,
  range: undefined,
  grain: undefined,
  where: undefined,
  compare: undefined,
  top: undefined,
  kind: undefined,
  stack: undefined,
  explain: undefined,
}

function Splits({ search, asking, metrics, go }: SentenceProps) {
  const texts = useTexts('explore')
  const chosen = search.by ?? []
  const offered = sharedDimensions(search.metrics ?? [], metrics).filter((one) => !chosen.includes(one))
  const isFull = chosen.length >= MOST_SPLITS
  return (
    <>
      {chosen.map((name) => {
        const isLeftOut = asking?.unsplit.includes(name) ?? false
        const human = humanised(name)
        return (
          <Chosen
            key={name}
            remove={texts.removeSplit(human)}
            warning={isLeftOut ? texts.notSplit(human) : undefined}
            onRemove={() => {
              const left = chosen.filter((one) => one !== name)
              go({ by: left.length === 0 ? undefined : left })
            }}
          >
            {human}
          </Chosen>
        )
      })}
      {!isFull && (offered.length > 0 || chosen.length === 0) && (
        <Picker
          label={texts.addSplit}
          search={texts.searchDimensions}
          groups={[
            { label: texts.dimensionsOf, options: offered.map((value) => ({ value, label: humanised(value) })) },
          ]}
          disabled={offered.length === 0}
          onPick={(name) => {
            go({ by: [...chosen, name] })
          }}
        />
      )}
      {(asking?.question.by.length ?? 0) > 0 && <Groups search={search} go={go} />}
    </>
  )
}

function Groups({ search, go }: Pick<SentenceProps, 'search' | 'go'>) {
  const texts = useTexts('explore')
  const counts = [...new Set([...GROUPS, ...(search.top === undefined ? [] : [search.top])])].sort((a, b) => a - b)
  return (
    <Choice
      width={170}
      label={texts.top}
      options={[
        { value: 'auto', label: texts.topAuto },
        ...counts.map((count) => ({ value: String(count), label: texts.topOf(count) })),
      ]}
      value={search.top === undefined ? 'auto' : String(search.top)}
      onChoose={(count) => {
        go({ top: count === 'auto' ? undefined : Number(count) })
      }}
    />
  )
}

function Filters({ search, asking, metrics, go }: SentenceProps) {
  const where = search.where ?? {}
  const names = search.metrics ?? []
  const offered = sharedDimensions(names, metrics).filter((one) => !(one in where))
  return (
    <>
      {Object.entries(where).map(([dimension, values]) => (
        <FilterPill
          key={dimension}
          dimension={dimension}
          values={values}
          metric={asking?.unfiltered.includes(dimension) === true ? undefined : names[0]}
          onValues={(next) => {
            go(withFilter(search, dimension, next))
          }}
          onRemove={() => {
            go(withFilter(search, dimension, null))
          }}
        />
      ))}
      <AddFilter
        dimensions={offered}
        onAdd={(dimension) => {
          go(withFilter(search, dimension, []))
        }}
      />
    </>
  )
}

function When({ search, here, go }: SentenceProps) {
  const texts = useTexts('explore')
  const range = rangeFrom(search)
  return (
    <>
      <RangePicker
        range={range}
        here={here}
        compare={search.compare === true}
        onRange={(next) => {
          go({ range: rangeText(next) })
        }}
        onCompare={(compare) => {
          go({ compare: compare ? true : undefined })
        }}
      />
      <GrainPicker
        grain={search.grain ?? null}
        range={range}
        here={here}
        whole={{
          label: texts.whole,
          onWhole: () => {
            go({ grain: 'all' })
          },
        }}
        onGrain={(grain) => {
          go({ grain: grain ?? undefined })
        }}
      />
    </>
  )
}

interface ChosenProps {
  remove: string
  warning?: string | undefined
  info?: ReactNode
  onRemove: () => void
  children: ReactNode
}

/** Something that was chosen, and the way to take it away again. */
function Chosen({ remove, warning, info, onRemove, children }: ChosenProps) {
  return (
    <span className={classes['chosen']} data-left-out={warning !== undefined || undefined}>
      {warning !== undefined && <IconAlertTriangle size={14} aria-hidden />}
      <bdi>{children}</bdi>
      {info}
      <CloseButton size="xs" iconSize={14} aria-label={remove} onClick={onRemove} />
      {warning !== undefined && (
        <Text span size="xs" role="status" pr={6}>
          {warning}
        </Text>
      )}
    </span>
  )
}
