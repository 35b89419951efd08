// What is over a board: range, grain, filters, and whether it is live.
import { ActionIcon, Badge, Button, Group } from '@mantine/core'
import { IconBroadcast, IconBroadcastOff, IconRefresh, IconRestore } from '@tabler/icons-react'
import { useIsFetching, useQueryClient } from '@tanstack/react-query'
import type { Document } from '@/boards/document'
import { Tip } from '@/parts/tip'
import { AddFilter, FilterPill } from '@/questions/filters'
import type { Metric } from '@/questions/ask'
import type { Liveness } from '@/questions/live'
import { GrainPicker, RangePicker } from '@/questions/rangepicker'
import type { Here } from '@/questions/range'
import { useTexts } from '@/texts'
import { isChanged, shownFilters, shownRange, withFilter, type BoardSearch } from './search'
import { rangeText } from '@/questions/range'

interface ControlsProps {
  document: Document
  search: BoardSearch
  here: Here
  metrics: ReadonlyMap<string, Metric>
  liveness: Liveness
  isLive: boolean
  onSearch: (search: BoardSearch) => void
}

/** The controls of a board. */
export function Controls(props: ControlsProps) {
  const { document, search, here, onSearch } = props
  const texts = useTexts('dashboards')
  const range = shownRange(document, search)
  const compare = (search.compare ?? document.compare) === 'previous'
  const grain = search.grain === undefined ? document.grain : search.grain === 'auto' ? null : search.grain
  return (
    <Group justify="space-between" gap="xs" wrap="wrap" className="no-print">
      <FilterBar {...props} />
      <Group gap="xs" wrap="wrap">
        {isChanged(search) && (
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            title={texts.resetAbout}
            leftSection={<IconRestore size={15} aria-hidden />}
            onClick={() => {
              onSearch({ live: search.live, full: search.full })
            }}
          >
            {texts.reset}
          </Button>
        )}
        <GrainPicker
          grain={grain}
          range={range}
          here={here}
          onGrain={(next) => {
            onSearch({ ...search, grain: next ?? 'auto' })
          }}
        />
        <RangePicker
          range={range}
          here={here}
          compare={compare}
          onRange={(next) => {
            onSearch({ ...search, range: rangeText(next) })
          }}
          onCompare={(next) => {
            onSearch({ ...search, compare: next ? 'previous' : 'none' })
          }}
        />
        <Freshness {...props} />
      </Group>
    </Group>
  )
}

/** The filters that are offered and set, and the way to others. */
export function FilterBar({
  document,
  search,
  metrics,
  onSearch,
}: Pick<ControlsProps, 'document' | 'search' | 'metrics' | 'onSearch'>) {
  const filters = shownFilters(document, search)
  const used = document.widgets.flatMap(({ query }) => query?.metrics ?? [])
  const byDimension = metricsByDimension(used, metrics)
  const offered = new Set(document.filters.map(({ dimension }) => dimension))
  const shown = new Set(filters.map(({ dimension }) => dimension))
  return (
    <Group gap={6} wrap="wrap">
      {filters.map(({ dimension, values }) => (
        <FilterPill
          key={dimension}
          dimension={dimension}
          values={values}
          metric={byDimension.get(dimension)}
          onValues={(next) => {
            onSearch(withFilter(search, dimension, next))
          }}
          {...(!offered.has(dimension) && {
            onRemove: () => {
              onSearch(withFilter(search, dimension, null))
            },
          })}
        />
      ))}
      <AddFilter
        dimensions={[...byDimension.keys()].filter((one) => !shown.has(one))}
        onAdd={(dimension) => {
          onSearch(withFilter(search, dimension, []))
        }}
      />
    </Group>
  )
}

function metricsByDimension(used: readonly string[], metrics: ReadonlyMap<string, Metric>): Map<string, string> {
  const found = new Map<string, string>()
  for (const name of used)
    for (const one of metrics.get(name)?.dimensions ?? []) if (!found.has(one)) found.set(one, name)
  return found
}

function Freshness({ isLive, liveness, search, onSearch }: ControlsProps) {
  const texts = useTexts('dashboards')
  const queries = useQueryClient()
  const isBusy = useIsFetching({ queryKey: ['answer'] }) > 0
  const label = isLive ? texts.stopLive : texts.goLive
  return (
    <Group gap={4} wrap="nowrap">
      {isLive && (
        <Badge color={liveness === 'live' ? 'green' : 'yellow'} variant="dot" role="status">
          {liveness === 'live' ? texts.live : texts.connecting}
        </Badge>
      )}
      <Tip label={label}>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={label}
          aria-pressed={isLive}
          onClick={() => {
            onSearch({ ...search, live: !isLive })
          }}
        >
          {isLive ? <IconBroadcast size={16} /> : <IconBroadcastOff size={16} />}
        </ActionIcon>
      </Tip>
      {!isLive && (
        <Tip label={texts.refresh}>
          <ActionIcon
            variant="default"
            size={30}
            loading={isBusy}
            aria-label={texts.refresh}
            onClick={() => void queries.refetchQueries({ queryKey: ['answer'], type: 'active' })}
          >
            <IconRefresh size={16} />
          </ActionIcon>
        </Tip>
      )}
    </Group>
  )
}
