// The values of a dimension to choose from: ten thousand are searched by the server, and drawn as far as seen.
import { Button, Checkbox, Loader, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState, type ReactNode } from 'react'
import { humanised } from '@/answer/numbers'
import { client, take } from '@/api/client'
import { OpenedWindow } from '@/parts/opened'
import type { Opened } from '@/parts/opening'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'
import type { Value } from './ask'
import type { ValuesProps } from './filters'
import classes from './filters.module.css'

const MOST = 500
const ROW = 30

/** The values of one dimension, searched and ticked in a window. */
export default function ValuesWindow({ opened, ...props }: ValuesProps & { opened: Opened }) {
  return (
    <OpenedWindow opened={opened} width={280} position="bottom-start">
      <ValueList {...props} />
    </OpenedWindow>
  )
}

function ValueList({ dimension, metric, values, onValues }: ValuesProps) {
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
