// Filters by the values of dimensions: ten thousand values are searched by the server, and drawn as far as seen.
import { Button, Checkbox, CloseButton, Group, Loader, Menu, Popover, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconChevronDown, IconFilter, IconFilterPlus, IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState, type ReactNode } from 'react'
import { humanised } from '@/answer/numbers'
import { client, take } from '@/api/client'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'
import type { Value } from './ask'
import classes from './filters.module.css'

const MOST = 500
const ROW = 30

interface FilterProps {
  dimension: string
  values: readonly Value[]
  /** A metric that has the dimension: its values are those that are offered. */
  metric: string | undefined
  onValues: (values: Value[]) => void
  onRemove?: () => void
}

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
      <Popover width={280} position="bottom-start" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <Button
            variant={values.length > 0 ? 'light' : 'default'}
            size="xs"
            leftSection={<IconFilter size={14} aria-hidden />}
            rightSection={<IconChevronDown size={14} aria-hidden />}
            maw={280}
          >
            {name}: <bdi className={classes['chosen']}>{chosen}</bdi>
          </Button>
        </Popover.Target>
        <Popover.Dropdown p="xs">
          <ValueList dimension={dimension} metric={metric} values={values} onValues={onValues} />
        </Popover.Dropdown>
      </Popover>
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

/** Adds a filter by one of the dimensions that there are. */
export function AddFilter({
  dimensions,
  onAdd,
}: {
  dimensions: readonly string[]
  onAdd: (dimension: string) => void
}) {
  const texts = useTexts('answers')
  if (dimensions.length === 0) return null
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <Button variant="subtle" color="gray" size="xs" leftSection={<IconFilterPlus size={15} aria-hidden />}>
          {texts.addFilter}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {dimensions.map((dimension) => (
          <Menu.Item
            key={dimension}
            onClick={() => {
              onAdd(dimension)
            }}
          >
            {humanised(dimension)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function ValueList({ dimension, metric, values, onValues }: Omit<FilterProps, 'onRemove'>) {
  const texts = useTexts('answers')
  const said = useProblemText()
  const [search, setSearch] = useState('')
  const found = useValues(dimension, metric, search)
  const listed = found.data?.values ?? []
  // What is chosen stays in sight, unless something else is searched for.
  const shown = search === '' ? [...new Set([...values, ...listed])] : listed
  return (
    <Stack gap={6}>
      <TextInput
        size="xs"
        data-autofocus
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={found.isFetching ? <Loader size={12} /> : null}
        placeholder={texts.searchValues}
        aria-label={texts.searchValues}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value)
        }}
      />
      {found.isError && <Hint color="red">{said(found.error)}</Hint>}
      <Values shown={shown} values={values} onValues={onValues} label={texts.filterBy(humanised(dimension))} />
      {found.data !== undefined && <Found shown={shown.length} more={found.data.more} />}
      {values.length > 0 && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          onClick={() => {
            onValues([])
          }}
        >
          {texts.clear}
        </Button>
      )}
    </Stack>
  )
}

function useValues(dimension: string, metric: string | undefined, search: string) {
  const [asked] = useDebouncedValue(search, 200)
  return useQuery({
    queryKey: ['values', dimension, metric, asked],
    queryFn: ({ signal }) => {
      const params = {
        path: { name: dimension },
        query: { ...(metric !== undefined && { metric }), search: asked, limit: MOST },
      }
      return take(client.GET('/v1/dimensions/{name}/values', { signal, params }))
    },
    placeholderData: keepPreviousData,
  })
}

function Found({ shown, more }: { shown: number; more: boolean }) {
  const texts = useTexts('answers')
  if (more) return <Hint>{texts.moreValues}</Hint>
  return shown === 0 ? <Hint>{texts.noValues}</Hint> : null
}

function Hint({ color = 'dimmed', children }: { color?: string; children: ReactNode }) {
  return (
    <Text size="xs" c={color} role={color === 'red' ? 'alert' : undefined}>
      {children}
    </Text>
  )
}

function Values({
  shown,
  values,
  onValues,
  label,
}: {
  shown: readonly Value[]
  values: readonly Value[]
  onValues: (values: Value[]) => void
  label: string
}) {
  const texts = useTexts('answers')
  const room = useRef<HTMLDivElement>(null)
  // eslint-disable-next-line react-hooks/incompatible-library -- the list is all that depends on it
  const seen = useVirtualizer({
    count: shown.length,
    getScrollElement: () => room.current,
    estimateSize: () => ROW,
    overscan: 8,
  })
  const toggle = (one: Value) => {
    onValues(values.includes(one) ? values.filter((other) => other !== one) : [...values, one])
  }
  return (
    <div ref={room} className={classes['values']} role="group" aria-label={label}>
      <div style={{ height: seen.getTotalSize(), position: 'relative' }}>
        {seen.getVirtualItems().map(({ index, start }) => {
          const one = shown[index] ?? null
          return (
            <div key={one ?? '\u0000'} className={classes['value']} style={{ transform: `translateY(${start}px)` }}>
              <Checkbox
                size="xs"
                checked={values.includes(one)}
                onChange={() => {
                  toggle(one)
                }}
                label={<bdi>{one ?? texts.noValue}</bdi>}
              />
            </div>
          )
        })}
      </div>
    </div>
  )
}
