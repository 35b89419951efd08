// What can be done with a place in a chart that was clicked: filter by it, look into it, split it further.
import { Menu } from '@mantine/core'
import { IconFilter, IconHierarchy2, IconZoomIn } from '@tabler/icons-react'
import type { Cell } from '@/answer/answer'
import { humanised } from '@/answer/numbers'
import { singled, type Choice } from '@/boards/choice'
import type { Widget } from '@/boards/document'
import { grainOf, type Drill, type View } from '@/boards/question'
import { periodName, valueName } from '@/boards/words'
import { PointedMenu } from '@/parts/pointed'
import { periodAt, type Range } from '@/questions/range'
import { useFormats, useTexts } from '@/texts'

export interface Chosen extends Choice {
  readonly widget: Widget
}

interface ChoicesProps {
  chosen: Chosen
  view: View
  /** What the widget may be split by beside what it is. */
  dimensions: readonly string[]
  drill: Drill | undefined
  onFilter: (dimension: string, value: Cell) => void
  onRange: (range: Range) => void
  onDrill: (drill: Drill) => void
  onClose: () => void
}

/** What can be done with what was clicked. */
export default function Choices({ chosen, view, onClose, ...rest }: ChoicesProps) {
  const answers = useTexts('answers')
  return (
    <PointedMenu x={chosen.x} y={chosen.y} label={answers.choices} onClose={onClose}>
      <Items chosen={chosen} view={view} {...rest} />
    </PointedMenu>
  )
}

function Items({ chosen, view, dimensions, drill, onFilter, onRange, onDrill }: Omit<ChoicesProps, 'onClose'>) {
  const texts = useTexts('dashboards')
  const answers = useTexts('answers')
  const formats = useFormats()
  const values = singled(chosen.values)
  const { widget, period } = chosen
  const grain = grainOf(widget, view, widget.query?.by.length ?? 0)
  const [first] = values
  const where = { ...drill?.where, ...Object.fromEntries(values.map(([name, cell]) => [name, [cell]])) }
  return (
    <>
      {values.map(([name, cell]) => (
        <Menu.Item
          key={name}
          leftSection={<IconFilter size={16} aria-hidden />}
          onClick={() => {
            onFilter(name, cell)
          }}
        >
          <bdi>{texts.onlyOf(valueName(answers, cell))}</bdi>
        </Menu.Item>
      ))}
      {period !== null && grain !== 'all' && (
        <Menu.Item
          leftSection={<IconZoomIn size={16} aria-hidden />}
          onClick={() => {
            onRange(periodAt(period, grain, view.dates))
          }}
        >
          {texts.lookInto(periodName(answers, formats, grain, period, false))}
        </Menu.Item>
      )}
      {dimensions.map((dimension) => (
        <Menu.Item
          key={dimension}
          leftSection={<IconHierarchy2 size={16} aria-hidden />}
          onClick={() => {
            onDrill({ where, by: [dimension] })
          }}
        >
          {first === undefined
            ? texts.splitBy(humanised(dimension).toLowerCase())
            : texts.splitValueBy(valueName(answers, first[1]), humanised(dimension).toLowerCase())}
        </Menu.Item>
      ))}
    </>
  )
}
