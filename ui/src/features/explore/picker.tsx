// Picks from a list that says what each thing is: by mouse, or by typing a part of it and Enter.
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Opening } from '@/parts/opening'

export interface Option {
  readonly value: string
  readonly label: string
  /** A word at its right: its unit. */
  readonly mark?: string | undefined
  readonly about?: string | undefined
  /** What it would not go with. */
  readonly hint?: string | undefined
}

export interface OptionGroup {
  readonly label: string
  readonly options: readonly Option[]
}

export interface PickListProps {
  search: string
  groups: readonly OptionGroup[]
  onPick: (value: string) => void
}

interface PickerProps extends PickListProps {
  label: string
  disabled?: boolean
  title?: string | undefined
}

const loadList = () => import('./picklist')

/** A button that opens the list. */
export function Picker({ label, search, groups, disabled = false, title, onPick }: PickerProps) {
  return (
    <Opening popup="listbox" load={loadList} given={{ search, groups, onPick }}>
      {(opener) => (
        <Button
          {...opener}
          variant="subtle"
          color="gray"
          size="xs"
          disabled={disabled}
          title={title}
          leftSection={<IconPlus size={15} aria-hidden />}
        >
          {label}
        </Button>
      )}
    </Opening>
  )
}
