import { Menu } from '@mantine/core'
import { humanised } from '@/answer/numbers'
import { OpenedMenu } from '@/parts/opened'
import type { Opened } from '@/parts/opening'
import type { DimensionsProps } from './filters'

/** The dimensions that one may filter by. */
export default function DimensionsMenu({ dimensions, onAdd, opened }: DimensionsProps & { opened: Opened }) {
  return (
    <OpenedMenu opened={opened} position="bottom-start">
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
    </OpenedMenu>
  )
}
