import { Tooltip } from '@mantine/core'

/** The word of a tip. */
export default function Tipped({ at, label, isNear }: { at: HTMLElement; label: string; isNear: boolean }) {
  return <Tooltip target={at} label={label} opened={isNear} transitionProps={{ enterDelay: 250 }} />
}
