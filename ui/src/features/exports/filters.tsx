// What an export is narrowed by: as each filter of the dataset takes it.
import { Button, Group, MultiSelect, Stack, TagsInput, Text } from '@mantine/core'
import { humanised } from '@/answer/numbers'
import type { Metric, Value } from '@/questions/ask'
import { FilterPill } from '@/questions/filters'
import { useFormats, useTexts } from '@/texts'
import { wrongIn, type Draft, type Where } from './draft'
import type { Dataset, Filter } from './queries'
import { withValues, type OrderSearch } from './search'

// What stands for no value in a list of texts.
const NONE = ''

interface FiltersProps {
  draft: Draft
  search: OrderSearch
  metrics: ReadonlyMap<string, Metric>
  go: (part: OrderSearch) => void
  onPeople: (change: (people: Where) => Where) => void
}

/** All filters of a dataset. */
export function Filters({ draft, search, metrics, go, onPeople }: FiltersProps) {
  const texts = useTexts('exports')
  const formats = useFormats()
  const { dataset, where, dropped } = draft
  const onValues = ({ name, kind }: Filter, values: Value[]) => {
    if (kind === 'subject')
      onPeople((people) => ({ ...without(people, name), ...(values.length && { [name]: values }) }))
    else go(withValues(search, name, values))
  }
  return (
    <div role="group" aria-label={texts.narrow}>
      <Text size="sm" fw={500} aria-hidden>
        {texts.narrow}
      </Text>
      <Text size="xs" c="dimmed" mb={8}>
        {dataset.takes.length === 0 ? texts.noNarrow : texts.narrowAbout}
      </Text>
      <Stack gap="sm">
        {dataset.takes.map((filter) => (
          <FilterField
            key={`${dataset.name} ${filter.name}`}
            filter={filter}
            values={where[filter.name]}
            metric={knowing(dataset, filter.name, metrics)}
            onValues={(values) => {
              onValues(filter, values)
            }}
            onAll={() => {
              go(withValues(search, filter.name, []))
            }}
          />
        ))}
        {dropped.length > 0 && (
          <Text size="sm" c="dimmed" role="status">
            {texts.dropped(formats.list(dropped.map(humanised)))}
          </Text>
        )}
      </Stack>
    </div>
  )
}

interface FilterFieldProps {
  filter: Filter
  values: readonly Value[] | undefined
  metric: string | undefined
  onValues: (values: Value[]) => void
  onAll: () => void
}

function FilterField({ filter, values, metric, onValues, onAll }: FilterFieldProps) {
  const texts = useTexts('exports')
  const formats = useFormats()
  const wrong = wrongIn(filter, values)
  const said = wrong === null || wrong === 'BLANK' ? null : texts.wrong[filter.kind](formats.list(wrong))
  if (filter.kind === 'text' && metric !== undefined) {
    return <FilterPill dimension={filter.name} values={values ?? []} metric={metric} onValues={onValues} />
  }
  return (
    <div>
      {filter.kind === 'choice' || filter.kind === 'boolean' ? (
        <Listed {...{ filter, values, said, onValues }} />
      ) : (
        <Typed {...{ filter, values, said, onValues }} />
      )}
      {wrong === 'BLANK' && (
        <Group role="alert" gap="xs" mt={4}>
          <Text size="sm" c="red">
            {texts.blank}
          </Text>
          <Button size="compact-sm" variant="light" onClick={onAll}>
            {texts.exportAll}
          </Button>
        </Group>
      )}
    </div>
  )
}

interface FieldProps extends Pick<FilterFieldProps, 'filter' | 'values' | 'onValues'> {
  said: string | null
}

/** Values of which there are only these. */
function Listed({ filter, values = [], said, onValues }: FieldProps) {
  const texts = useTexts('exports')
  const answers = useTexts('answers')
  const named =
    filter.kind === 'boolean'
      ? [
          { value: 'true', label: texts.yes },
          { value: 'false', label: texts.no },
        ]
      : filter.options.map((value) => ({ value, label: value }))
  return (
    <MultiSelect
      label={humanised(filter.name)}
      data={[...named, { value: NONE, label: answers.noValue }]}
      value={values.map((value) => value ?? NONE)}
      placeholder={values.length === 0 ? texts.all : ''}
      error={said}
      onChange={(chosen) => {
        onValues(chosen.map((value) => (value === NONE ? null : value)))
      }}
    />
  )
}

/** Values that nobody lists. */
function Typed({ filter, values = [], said, onValues }: FieldProps) {
  const texts = useTexts('exports')
  return (
    <TagsInput
      label={humanised(filter.name)}
      description={filter.kind === 'subject' ? texts.subjectAbout : undefined}
      placeholder={values.length === 0 ? texts.typeValues : ''}
      value={values.filter((value) => value !== null)}
      error={said}
      autoComplete="off"
      onChange={(typed) => {
        onValues(typed)
      }}
    />
  )
}

/** A metric whose values of a dimension can be picked from. */
function knowing(dataset: Dataset, dimension: string, metrics: ReadonlyMap<string, Metric>): string | undefined {
  const about = [...metrics.values()].filter(({ name, streams }) =>
    dataset.stream === null ? dataset.metrics.includes(name) : streams.includes(dataset.stream),
  )
  return about.find(({ dimensions }) => dimensions.includes(dimension))?.name
}

function without(people: Where, name: string): Where {
  return Object.fromEntries(Object.entries(people).filter(([other]) => other !== name))
}
