// What can be done with a place in a chart or table that was clicked: only it, into it, split it further.
import { Menu } from '@mantine/core'
import { IconFilter, IconHierarchy2, IconZoomIn } from '@tabler/icons-react'
import type { Cell } from '@/answer/answer'
import { humanised } from '@/answer/numbers'
import { singled, type Choice } from '@/boards/choice'
import { periodName, valueName } from '@/boards/words'
import { PointedMenu } from '@/parts/pointed'
import { periodAt, rangeText } from '@/questions/range'
import { useFormats, useTexts } from '@/texts'
import { further, type Asking } from './asking'
import { MOST_SPLITS, withFilter, type ExploreSearch } from './search'

interface ChoicesProps {
  choice: Choice
  search: ExploreSearch
  asking: Asking
  dimensions: readonly string[]
  go: (part: Partial<ExploreSearch>) => void
  onClose: () => void
}

/** What can be done with what was clicked. */
export default function Choices({ choice, onClose, ...rest }: ChoicesProps) {
  const answers = useTexts('answers')
  return (
    <PointedMenu x={choice.x} y={choice.y} label={answers.choices} onClose={onClose}>
      <Items choice={choice} {...rest} />
    </PointedMenu>
  )
}

function Items({ choice, search, asking, dimensions, go }: Omit<ChoicesProps, 'onClose'>) {
  const texts = useTexts('explore')
  const answers = useTexts('answers')
  const formats = useFormats()
  const { grain, from, to } = asking.question
  const { period } = choice
  const values = singled(choice.values)
  const narrowed = values.reduce((now, [name, cell]) => ({ ...now, ...withFilter(now, name, [cell]) }), search)
  return (
    <>
      {values.map(([name, cell]) => (
        <Menu.Item
          key={name}
          leftSection={<IconFilter size={16} aria-hidden />}
          onClick={() => {
            go(withFilter(search, name, [cell]))
          }}
        >
          <bdi>{texts.onlyOf(valueName(answers, cell))}</bdi>
        </Menu.Item>
      ))}
      {period !== null && grain !== 'all' && (
        <Menu.Item
          leftSection={<IconZoomIn size={16} aria-hidden />}
          onClick={() => {
            go({ range: rangeText(periodAt(period, grain, { from, to })), grain: undefined })
          }}
        >
          {texts.lookInto(periodName(answers, formats, grain, period, false))}
        </Menu.Item>
      )}
      {further(asking.shape.by, dimensions).map((dimension) => (
        <Menu.Item
          key={dimension}
          leftSection={<IconHierarchy2 size={16} aria-hidden />}
          onClick={() => {
            go({ where: narrowed.where, by: splitBy(asking.shape.by, values, dimension) })
          }}
        >
          {texts.splitFurther(humanised(dimension))}
        </Menu.Item>
      ))}
    </>
  )
}

/** A dimension that is now one value has nothing more to split. */
function splitBy(by: readonly string[], values: readonly [string, Cell][], dimension: string): string[] {
  const fixed = new Set(values.map(([name]) => name))
  return [...by.filter((one) => !fixed.has(one)), dimension].slice(-MOST_SPLITS)
}
