import { Menu } from '@mantine/core'
import type { ChoiceProps } from './choice'
import { OpenedMenu } from './opened'
import type { Opened } from './opening'

/** All there is to choose from. */
export default function Choices({ options, value, onChoose, opened }: ChoiceProps<string> & { opened: Opened }) {
  return (
    <OpenedMenu opened={opened} position="bottom-start" width="target">
      <Menu.RadioGroup value={value} onChange={onChoose}>
        {options.map((one) => (
          <Menu.RadioItem key={one.value} value={one.value} closeMenuOnClick>
            {one.label}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </OpenedMenu>
  )
}
