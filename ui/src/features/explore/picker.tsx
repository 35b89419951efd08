// Picks from a list that says what each thing is: by mouse, or by typing a part of it and Enter.
import { Button, Combobox, Group, Text, useCombobox } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState, type ReactNode } from 'react'
import { useTexts } from '@/texts'
import classes from './explore.module.css'

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

interface PickerProps {
  label: string
  search: string
  groups: readonly OptionGroup[]
  disabled?: boolean
  title?: string | undefined
  onPick: (value: string) => void
}

/** A button that opens the list. */
export function Picker({ label, search: searchLabel, groups, disabled = false, title, onPick }: PickerProps) {
  const [search, setSearch] = useState('')
  const combobox = useCombobox({
    onDropdownOpen: () => {
      combobox.focusSearchInput()
      combobox.updateSelectedOptionIndex()
    },
    onDropdownClose: () => {
      combobox.resetSelectedOption()
      combobox.focusTarget()
      setSearch('')
    },
  })
  const shown = matching(groups, search)
  return (
    <Combobox
      store={combobox}
      width={380}
      position="bottom-start"
      shadow="md"
      onOptionSubmit={(value) => {
        onPick(value)
        combobox.closeDropdown()
      }}
    >
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          disabled={disabled}
          title={title}
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={() => {
            combobox.toggleDropdown()
          }}
        >
          {label}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          placeholder={searchLabel}
          aria-label={searchLabel}
          onChange={(event) => {
            setSearch(event.currentTarget.value)
            combobox.selectFirstOption()
          }}
        />
        <Options groups={shown} label={searchLabel} />
      </Combobox.Dropdown>
    </Combobox>
  )
}

function Options({ groups, label }: { groups: readonly OptionGroup[]; label: string }) {
  const texts = useTexts('explore')
  return (
    <>
      <Combobox.Options aria-label={label} mah={340} className={classes['options'] ?? ''}>
        {groups.map(({ label, options }) => (
          <Combobox.Group key={label} label={label}>
            {options.map((option) => (
              <Combobox.Option key={option.value} value={option.value}>
                <OptionText {...option} />
              </Combobox.Option>
            ))}
          </Combobox.Group>
        ))}
      </Combobox.Options>
      {groups.length === 0 && (
        <Text size="sm" c="dimmed" p="xs" role="status">
          {texts.noMatch}
        </Text>
      )}
    </>
  )
}

function OptionText({ label, mark, about, hint }: Option): ReactNode {
  return (
    <>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="sm" fw={550} component="span">
          {label}
        </Text>
        {mark !== undefined && mark !== '' && (
          <Text size="xs" c="dimmed" component="span" className={classes['mark'] ?? ''}>
            {mark}
          </Text>
        )}
      </Group>
      {about !== undefined && about !== '' && (
        <Text size="xs" c="dimmed" component="span" lineClamp={2}>
          {about}
        </Text>
      )}
      {hint !== undefined && (
        <Text size="xs" c="orange.8" component="span" className={classes['hint'] ?? ''}>
          {hint}
        </Text>
      )}
    </>
  )
}

function matching(groups: readonly OptionGroup[], search: string): OptionGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const isFound = ({ label, value, mark = '', about = '' }: Option) => {
    const text = [label, value, mark, about].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  }
  return groups
    .map(({ label, options }) => ({ label, options: options.filter(isFound) }))
    .filter(({ options }) => options.length > 0)
}
