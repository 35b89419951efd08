// Filters by the values of dimensions, as they stand over figures.
import { Button, CloseButton, Group } from '@mantine/core'
import { IconChevronDown, IconFilter, IconFilterPlus } from '@tabler/icons-react'
import { humanised } from '@/answer/numbers'
import { Opening } from '@/parts/opening'
import { useTexts } from '@/texts'
import type { Value } from './ask'
import classes from './filters.module.css'

export interface ValuesProps {
  dimension: string
  values: readonly Value[]
  /** A metric that has the dimension: its values are those that are offered. */
  metric: string | undefined
  onValues: (values: Value[]) => void
}

interface FilterProps extends ValuesProps {
  onRemove?: () => void
}

const loadValues = () => import('./values')
const loadDimensions = () => import('./dimensions')

/** One filter: a button that says what is chosen, and opens the list. */
export function FilterPill({ dimension, values, metric, onValues, onRemove }: FilterProps) {
  const texts = useTexts('answers')
  const name = humanised(dimension)
  const first = values[0]
  const chosen =
    values.length === 0
      ? texts.noFilters
      : values.length === 1 && first !== undefined
        ? (first ?? texts.noValue)
        : texts.chosen(values.length)
  return (
    <Group gap={0} wrap="nowrap" className={classes['pill']}>
      <Opening popup="dialog" load={loadValues} given={{ dimension, metric, values, onValues }}>
        {(opener) => (
          <Button
            {...opener}
            variant={values.length > 0 ? 'light' : 'default'}
            size="xs"
            leftSection={<IconFilter size={14} aria-hidden />}
            rightSection={<IconChevronDown size={14} aria-hidden />}
            maw={280}
          >
            {name}: <bdi className={classes['chosen']}>{chosen}</bdi>
          </Button>
        )}
      </Opening>
      {(onRemove !== undefined || values.length > 0) && (
        <CloseButton
          size={24}
          aria-label={texts.removeFilter(name)}
          onClick={() => {
            if (onRemove === undefined) onValues([])
            else onRemove()
          }}
        />
      )}
    </Group>
  )
}

export interface DimensionsProps {
  dimensions: readonly string[]
  onAdd: (dimension: string) => void
}

/** Adds a filter by one of the dimensions that there are. */
export function AddFilter({ dimensions, onAdd }: DimensionsProps) {
  const texts = useTexts('answers')
  if (dimensions.length === 0) return null
  return (
    <Opening popup="menu" load={loadDimensions} given={{ dimensions, onAdd }}>
      {(opener) => (
        <Button
          {...opener}
          variant="subtle"
          color="gray"
          size="xs"
          leftSection={<IconFilterPlus size={15} aria-hidden />}
        >
          {texts.addFilter}
        </Button>
      )}
    </Opening>
  )
}
