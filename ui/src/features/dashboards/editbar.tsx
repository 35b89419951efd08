// Over a board that is edited: what can be added, undone and looked up, and whether it is saved.
import { ActionIcon, Button, Group, Menu, Text, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChartArea,
  IconChartBar,
  IconChartDonut,
  IconChartDots,
  IconChartLine,
  IconCloudCheck,
  IconCloudOff,
  IconCloudUp,
  IconGauge,
  IconGridDots,
  IconHistory,
  IconLetterT,
  IconNumber123,
  IconPlus,
  IconSettings,
  IconTable,
  IconWorld,
  type Icon,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { NO_OPTIONS, type Kind, type Widget, type WidgetQuery } from '@/boards/document'
import { useProblemText } from '@/parts/state'
import { useMetrics, type Metric } from '@/questions/ask'
import { useTexts } from '@/texts'
import type { Autosave, Saving } from './autosave'
import { freeId, type Editing, type Step } from './editing'
import { listQuery } from './queries'

const ICONS: Record<Kind, Icon> = {
  card: IconNumber123,
  line: IconChartLine,
  area: IconChartArea,
  bar: IconChartBar,
  pie: IconChartDonut,
  table: IconTable,
  map: IconWorld,
  heatmap: IconGridDots,
  scatter: IconChartDots,
  gauge: IconGauge,
  text: IconLetterT,
}
const MOST = 20

interface EditBarProps {
  editing: Editing
  saving: Autosave
  step: (step: Step) => void
  announce: (text: string) => void
  onPanel: (panel: { of: 'widget'; id: string } | { of: 'settings' | 'versions' }) => void
}

/** The bar over a board that is edited. */
export function EditBar({ editing, saving, step, announce, onPanel }: EditBarProps) {
  const texts = useTexts('dashboards')
  const undo = () => {
    step({ type: 'undo' })
    announce(texts.wasUndone)
  }
  const redo = () => {
    step({ type: 'redo' })
    announce(texts.wasRedone)
  }
  useHotkeys([
    ['mod+Z', undo],
    ['mod+shift+Z', redo],
    ['mod+Y', redo],
  ])
  return (
    <Group justify="space-between" gap="xs">
      <Group gap="xs">
        <AddMenu editing={editing} step={step} announce={announce} onPanel={onPanel} />
        <Tool label={texts.undo} icon={IconArrowBackUp} disabled={editing.past.length === 0} onClick={undo} />
        <Tool label={texts.redo} icon={IconArrowForwardUp} disabled={editing.future.length === 0} onClick={redo} />
        <Tool
          label={texts.settings}
          icon={IconSettings}
          onClick={() => {
            onPanel({ of: 'settings' })
          }}
        />
        <Tool
          label={texts.versions}
          icon={IconHistory}
          onClick={() => {
            onPanel({ of: 'versions' })
          }}
        />
      </Group>
      <SaveState saving={saving} />
    </Group>
  )
}

function Tool({
  label,
  icon: Mark,
  disabled = false,
  onClick,
}: {
  label: string
  icon: Icon
  disabled?: boolean
  onClick: () => void
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={30} aria-label={label} disabled={disabled} onClick={onClick}>
        <Mark size={16} />
      </ActionIcon>
    </Tooltip>
  )
}

function AddMenu({ editing, step, announce, onPanel }: Omit<EditBarProps, 'saving'>) {
  const texts = useTexts('dashboards')
  const kinds = useTexts('answers').kinds
  const metrics = useMetrics()
  const most = useQuery(listQuery).data?.widgets ?? MOST
  const isFull = editing.now.widgets.length >= most
  const add = (kind: Kind) => {
    const id = freeId(editing.now, kind)
    step({ type: 'add', widget: newWidget(id, kind, metrics) })
    announce(texts.wasAdded(kinds[kind]))
    onPanel({ of: 'widget', id })
  }
  return (
    <Menu position="bottom-start" shadow="md" width={200} returnFocus={false}>
      <Menu.Target>
        <Button
          size="xs"
          leftSection={<IconPlus size={16} aria-hidden />}
          disabled={isFull}
          title={isFull ? texts.tooMany(most) : undefined}
        >
          {texts.add}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(ICONS) as Kind[]).map((kind) => {
          const Mark = ICONS[kind]
          return (
            <Menu.Item
              key={kind}
              leftSection={<Mark size={16} aria-hidden />}
              onClick={() => {
                add(kind)
              }}
            >
              {kinds[kind]}
            </Menu.Item>
          )
        })}
      </Menu.Dropdown>
    </Menu>
  )
}

const SPLIT: ReadonlySet<Kind> = new Set(['bar', 'pie', 'heatmap', 'scatter', 'map', 'table'])

/** Money is what most people look at first. */
function isMain({ unit, direction }: Metric): boolean {
  return /^[A-Z]{3}$/.test(unit) && direction === 'up'
}

/** Give a widget that shows something at once: the first metric, split by what it can be where a kind needs it. */
export function newWidget(id: string, kind: Kind, metrics: ReadonlyMap<string, Metric>): Omit<Widget, 'place'> {
  return {
    id,
    kind,
    title: '',
    about: '',
    query: kind === 'text' ? null : firstQuery(kind, metrics),
    options: NO_OPTIONS,
  }
}

function firstQuery(kind: Kind, metrics: ReadonlyMap<string, Metric>): WidgetQuery | null {
  const isSplit = SPLIT.has(kind)
  const all = [...metrics.values()]
  const fitting = all.filter((one) => one.kind === 'simple' && (!isSplit || one.dimensions.length > 0))
  const start = fitting.find(isMain) ?? fitting[0] ?? all[0]
  if (start === undefined) return null
  const by = isSplit ? start.dimensions.filter((one) => kind !== 'map' || /country/i.test(one)).slice(0, 1) : []
  const second = fitting.find((one) => one !== start && by.every((name) => one.dimensions.includes(name)))
  const shown = kind === 'scatter' && second !== undefined ? [start, second] : [start]
  const grain = isSplit && kind !== 'heatmap' ? 'all' : null
  const metricsAsked = shown.map(({ name }) => name)
  return { metrics: metricsAsked, by, where: {}, grain, order: null, top: null, totals: kind === 'card' }
}

const STATES: Record<Saving, { icon: Icon; color: string }> = {
  saved: { icon: IconCloudCheck, color: 'dimmed' },
  unsaved: { icon: IconCloudUp, color: 'dimmed' },
  saving: { icon: IconCloudUp, color: 'dimmed' },
  failed: { icon: IconCloudOff, color: 'orange' },
  refused: { icon: IconCloudOff, color: 'red' },
  conflict: { icon: IconCloudOff, color: 'orange' },
}

function SaveState({ saving }: { saving: Autosave }) {
  const texts = useTexts('dashboards')
  const said = useProblemText()
  const { icon: Mark, color } = STATES[saving.state]
  const words: Record<Saving, string> = {
    saved: texts.saved,
    unsaved: texts.unsaved,
    saving: texts.saving,
    failed: texts.saveFailed,
    refused: `${texts.saveRefused}: ${saving.error === null ? '' : said(saving.error)}`,
    conflict: texts.conflictTitle,
  }
  return (
    <Text size="sm" c={color} component="div" role="status" data-saving={saving.state}>
      <Group gap={6} wrap="nowrap">
        <Mark size={16} aria-hidden />
        {words[saving.state]}
      </Group>
    </Text>
  )
}
