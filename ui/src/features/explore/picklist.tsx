// The list of a picker.
import { Combobox, Group, Text, useCombobox } from '@mantine/core'
import { useEffect, useEffectEvent, useState, type ReactNode } from 'react'
import { Standing, useArrived } from '@/parts/opened'
import type { Opened } from '@/parts/opening'
import { useTexts } from '@/texts'
import classes from './explore.module.css'
import type { Option, OptionGroup, PickListProps } from './picker'

/** What there is to pick from, and the field to search it. */
export default function PickList({ search: label, groups, onPick, opened }: PickListProps & { opened: Opened }) {
  const { at, id, onOpen } = opened
  const [search, setSearch] = useState('')
  const isOpen = useArrived(opened.isOpen)
  const combobox = useCombobox({
    opened: isOpen,
    onOpenedChange: onOpen,
    onDropdownClose: () => {
      combobox.focusTarget()
    },
  })
  const turned = useEffectEvent(() => {
    if (isOpen) {
      combobox.focusSearchInput()
      combobox.updateSelectedOptionIndex()
    } else {
      combobox.resetSelectedOption()
    }
  })
  useEffect(() => {
    turned()
  }, [isOpen])
  return (
    <Combobox
      store={combobox}
      width={380}
      position="bottom-start"
      shadow="md"
      onClose={() => {
        setSearch('')
      }}
      onOptionSubmit={(value) => {
        onPick(value)
        combobox.closeDropdown()
      }}
    >
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <Standing at={at} />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          placeholder={label}
          aria-label={label}
          onChange={(event) => {
            setSearch(event.currentTarget.value)
            combobox.selectFirstOption()
          }}
        />
        <Options id={`${id}-dropdown`} groups={matching(groups, search)} label={label} />
      </Combobox.Dropdown>
    </Combobox>
  )
}

function Options({ id, groups, label }: { id: string; groups: readonly OptionGroup[]; label: string }) {
  const texts = useTexts('explore')
  return (
    <>
      <Combobox.Options id={id} aria-label={label} mah={340} className={classes['options'] ?? ''}>
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
