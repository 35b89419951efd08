import { Group, Text } from '@mantine/core'
import { useTexts } from '@/texts'
import classes from './calendar.module.css'
import { GLYPHS, type State } from './states'

/** A state's colour and shape; its name stands beside it. */
export function StateMark({ state }: { state: State }) {
  return (
    <span className={classes['colours']} aria-hidden="true">
      <span className={classes['state']} data-state={state}>
        {GLYPHS[state]}
      </span>
    </span>
  )
}

/** A state with its name, and what it means on a closer look. */
export function StateName({ state }: { state: State }) {
  const texts = useTexts('days')
  return (
    <Group gap={8} wrap="nowrap" component="span" title={texts.stateAbout[state]}>
      <StateMark state={state} />
      <Text span fw={550} size="sm">
        {texts.states[state]}
      </Text>
    </Group>
  )
}
