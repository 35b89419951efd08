// The board that is edited: widgets are dragged and resized, by mouse or with arrow keys.
import 'react-grid-layout/css/styles.css'
import './editgrid.css'
import { ActionIcon, Group, Text, Tooltip } from '@mantine/core'
import { IconCopy, IconGripVertical, IconLayoutGridAdd, IconSettings, IconTrash } from '@tabler/icons-react'
import { memo, useCallback, useEffect, useId, useMemo, useRef } from 'react'
import { GridLayout, useContainerWidth, verticalCompactor, type Layout } from 'react-grid-layout'
import { SIZES, type Document, type Place, type Widget } from '@/boards/document'
import { compacted, inReadingOrder } from '@/boards/layout'
import { questionOf, type View } from '@/boards/question'
import { Empty } from '@/parts/state'
import { answerQuery, useMetrics } from '@/questions/ask'
import { useHere } from '@/questions/here'
import { useTexts } from '@/texts'
import { edited, freeId, isSameBeside, type Editing, type Step } from './editing'
import { viewOf } from './search'
import { titleOf, WidgetView } from './widget'

interface EditGridProps {
  editing: Editing
  step: (step: Step) => void
  announce: (text: string) => void
  onOpen: (id: string) => void
}

const NARROW = 600 // pixels: with less, twelve columns are too many
const GRID = { cols: 12, rowHeight: 40, margin: [12, 12], containerPadding: [0, 0] } as const
const DRAG = { enabled: true, handle: '.edit-handle', threshold: 3 } as const
const RESIZE = { enabled: true, handles: ['se'] } as const

/** The widgets of a dashboard that is edited. */
export function EditGrid({ editing, step, announce, onOpen }: EditGridProps) {
  const texts = useTexts('dashboards')
  const { width, containerRef, mounted } = useContainerWidth({ debounceTimeout: 50 })
  const here = useHere()
  const document = editing.now
  const { range, grain, compare, filters } = document
  const view = useMemo(
    () => viewOf({ range, grain, compare, filters }, {}, here),
    [range, grain, compare, filters, here],
  )
  const widgets = useMemo(() => compacted(document.widgets), [document.widgets])
  const layout = useMemo(() => widgets.map(itemOf), [widgets])
  const moved = useCallback(
    (next: Layout) => {
      step({ type: 'arrange', places: Object.fromEntries(next.map(({ i, x, y, w, h }) => [i, { x, y, w, h }])) })
    },
    [step],
  )
  const act = useActs(editing, step, announce, onOpen)
  return (
    <div ref={containerRef} role="group" aria-label={texts.grid} className="edit-board">
      {widgets.length === 0 && (
        <Empty icon={IconLayoutGridAdd} title={texts.emptyBoard} about={texts.emptyBoardAbout} />
      )}
      {mounted && widgets.length > 0 && width < NARROW && <Stacked widgets={widgets} view={view} act={act} />}
      {mounted && widgets.length > 0 && width >= NARROW && (
        <GridLayout
          width={width}
          layout={layout}
          gridConfig={GRID}
          dragConfig={DRAG}
          resizeConfig={RESIZE}
          compactor={verticalCompactor}
          onDragStop={moved}
          onResizeStop={moved}
        >
          {widgets.map((widget) => (
            <div key={widget.id}>
              <EditWidget widget={widget} view={view} act={act} />
            </div>
          ))}
        </GridLayout>
      )}
    </div>
  )
}

/** The widgets one under the other, as a phone shows them: each can be changed, and moved with the arrow keys. */
function Stacked({ widgets, view, act }: { widgets: readonly Widget[]; view: View; act: Act }) {
  const texts = useTexts('dashboards')
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {texts.narrowHint}
      </Text>
      {[...widgets].sort(inReadingOrder).map((widget) => (
        <div key={widget.id} className="edit-stacked" data-kind={widget.kind}>
          <EditWidget widget={widget} view={view} act={act} />
        </div>
      ))}
    </>
  )
}

function itemOf({ id, place, kind }: Widget) {
  const { minW, minH } = SIZES[kind]
  return { i: id, ...place, minW: Math.min(minW, place.w), minH: Math.min(minH, place.h) }
}

type Act = (widget: Widget, what: 'open' | 'duplicate' | 'remove' | Partial<Place>) => void

/** What is done to a widget, told to whoever cannot see it; the same function as long as the page is there. */
function useActs(
  editing: Editing,
  step: EditGridProps['step'],
  announce: EditGridProps['announce'],
  onOpen: EditGridProps['onOpen'],
): Act {
  const texts = useTexts('dashboards')
  const latest = useRef({ editing, texts, announce, onOpen })
  useEffect(() => {
    latest.current = { editing, texts, announce, onOpen }
  })
  return useCallback(
    (widget, what) => {
      const { editing: state, texts: words, announce: tell, onOpen: open } = latest.current
      const title = titleOf(widget)
      if (what === 'open') {
        open(widget.id)
      } else if (what === 'duplicate') {
        step({ type: 'duplicate', id: widget.id, as: freeId(state.now, widget.kind) })
        tell(words.wasAdded(title))
      } else if (what === 'remove') {
        step({ type: 'remove', id: widget.id })
        tell(words.wasRemoved(title))
      } else {
        const nudge = { type: 'nudge', id: widget.id, by: what } as const
        tell(placeSaid(words, edited(state, nudge).now, widget, what))
        step(nudge)
      }
    },
    [step],
  )
}

function placeSaid(
  texts: ReturnType<typeof useTexts<'dashboards'>>,
  document: Document,
  widget: Widget,
  by: Partial<Place>,
): string {
  const place = document.widgets.find(({ id }) => id === widget.id)?.place ?? widget.place
  const isSize = by.w !== undefined || by.h !== undefined
  return isSize
    ? texts.resized(titleOf(widget), place.w, place.h)
    : texts.moved(titleOf(widget), place.x + 1, place.y + 1)
}

const STEPS: Partial<Record<string, Partial<Place>>> = {
  ArrowLeft: { x: -1 },
  ArrowRight: { x: 1 },
  ArrowUp: { y: -1 },
  ArrowDown: { y: 1 },
}
const SIZE_STEPS: Partial<Record<string, Partial<Place>>> = {
  ArrowLeft: { w: -1 },
  ArrowRight: { w: 1 },
  ArrowUp: { h: -1 },
  ArrowDown: { h: 1 },
}

interface EditWidgetProps {
  widget: Widget
  view: View
  act: Act
}

/** A widget with what it is moved and changed by; drawn anew only when itself changes, wherever all of them are moved. */
const EditWidget = memo(function EditWidget({ widget, view, act }: EditWidgetProps) {
  const texts = useTexts('dashboards')
  const metrics = useMetrics()
  const hint = useId()
  const asked = useMemo(
    () => questionOf(widget, view, (metric) => metrics.get(metric)?.dimensions),
    [widget, view, metrics],
  )
  const onKey = (event: React.KeyboardEvent) => {
    const isTheBrowsers = event.ctrlKey || event.metaKey || event.altKey
    if (event.target !== event.currentTarget || isTheBrowsers) return
    const what = (event.shiftKey ? SIZE_STEPS : STEPS)[event.key] ?? KEYS[event.key]
    if (what === undefined) return
    event.preventDefault()
    act(widget, what)
  }
  return (
    // A widget is moved with the arrow keys, and so has the focus.
    // eslint-disable-next-line jsx-a11y-x/no-noninteractive-element-interactions -- as said
    <div
      className="edit-widget"
      role="group"
      // eslint-disable-next-line jsx-a11y-x/no-noninteractive-tabindex -- as said
      tabIndex={0}
      aria-label={titleOf(widget)}
      aria-describedby={hint}
      data-widget={widget.id}
      onKeyDown={onKey}
    >
      <span id={hint} className="visually-hidden">
        {texts.moveHint}
      </span>
      <EditTools widget={widget} act={act} />
      <div className="edit-content" inert>
        <WidgetView widget={widget} asked={asked} asking={answerQuery} every={false} />
      </div>
    </div>
  )
}, isDrawnAlike)

function isDrawnAlike(a: EditWidgetProps, b: EditWidgetProps): boolean {
  return a.view === b.view && a.act === b.act && isSameBeside(a.widget, b.widget)
}

function EditTools({ widget, act }: { widget: Widget; act: Act }) {
  const texts = useTexts('dashboards')
  const title = titleOf(widget)
  const tools = [
    ['open', texts.change, IconSettings],
    ['duplicate', texts.duplicate, IconCopy],
    ['remove', texts.take, IconTrash],
  ] as const
  return (
    <div className="edit-tools">
      <span className="edit-handle" aria-hidden>
        <IconGripVertical size={16} />
      </span>
      <Group gap={2} wrap="nowrap">
        {tools.map(([what, label, icon]) => (
          <EditTool
            key={what}
            label={label}
            of={title}
            icon={icon}
            onClick={() => {
              act(widget, what)
            }}
          />
        ))}
      </Group>
    </div>
  )
}

const KEYS: Partial<Record<string, 'open' | 'remove' | 'duplicate'>> = {
  Enter: 'open',
  Delete: 'remove',
  d: 'duplicate',
}

function EditTool({
  label,
  of,
  icon: Mark,
  onClick,
}: {
  label: string
  of: string
  icon: typeof IconCopy
  onClick: () => void
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={26} aria-label={`${label}: ${of}`} onClick={onClick}>
        <Mark size={15} />
      </ActionIcon>
    </Tooltip>
  )
}
