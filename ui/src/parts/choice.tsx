import { Button } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { Opening } from './opening'

export interface ChoiceProps<Value extends string> {
  label: string
  options: readonly { readonly value: Value; readonly label: string }[]
  value: Value
  onChoose: (value: Value) => void
}

const load = () => import('./choices')

/** A button that says what is chosen, and opens what else there is. */
export function Choice<Value extends string>({ width, ...choice }: ChoiceProps<Value> & { width: number }) {
  const { label, options, value } = choice
  const chosen = options.find((one) => one.value === value)?.label ?? value
  return (
    <Opening
      popup="menu"
      load={load}
      given={{
        ...choice,
        onChoose: (one) => {
          choice.onChoose(one as Value)
        },
      }}
    >
      {(opener) => (
        <Button
          {...opener}
          variant="default"
          size="xs"
          w={width}
          fw={400}
          justify="space-between"
          aria-label={`${label}: ${chosen}`}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {chosen}
        </Button>
      )}
    </Opening>
  )
}
