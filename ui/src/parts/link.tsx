// Mantine's looks for the router's links, which know every address of the interface.
import { ActionIcon, Anchor, Button, type ActionIconProps, type AnchorProps, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, Ref } from 'react'

type Attributes<Props> = Props & { ref?: Ref<HTMLAnchorElement> } & Omit<
    AnchorHTMLAttributes<HTMLAnchorElement>,
    keyof Props
  >

/** A link in running text. */
export const TextLink = createLink((props: Attributes<AnchorProps>) => <Anchor {...props} />)

/** A link that looks like a button. */
export const ButtonLink = createLink((props: Attributes<ButtonProps>) => <Button component="a" {...props} />)

/** A link that is an icon, and so needs an `aria-label`. */
export const IconLink = createLink((props: Attributes<ActionIconProps>) => <ActionIcon component="a" {...props} />)
