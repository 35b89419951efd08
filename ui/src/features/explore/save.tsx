import { Button } from '@mantine/core'
import { IconChevronDown, IconDeviceFloppy } from '@tabler/icons-react'
import type { Answer } from '@/answer/answer'
import { Opening } from '@/parts/opening'
import { useTexts } from '@/texts'
import type { Asking } from './asking'
import type { ExploreSearch } from './search'

export interface SaveProps {
  search: ExploreSearch
  asking: Asking
  answer: Answer | undefined
}

const loadMenu = () => import('./savemenu')

/** A button that opens what can be made of an exploration. */
export function Save(props: SaveProps) {
  const texts = useTexts('explore')
  return (
    <Opening popup="menu" load={loadMenu} given={props}>
      {(opener) => (
        <Button
          {...opener}
          size="xs"
          leftSection={<IconDeviceFloppy size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {texts.save}
        </Button>
      )}
    </Opening>
  )
}
