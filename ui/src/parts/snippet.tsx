import { ActionIcon, CopyButton, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTexts } from '@/texts'
import classes from './snippet.module.css'
import { Tip } from './tip'

/** Lines to copy: a command, a piece of a program, a link. */
export function Snippet({ code, label }: { code: string; label: string }) {
  const texts = useTexts('parts')
  return (
    <div className={classes['snippet']}>
      {/* Long lines are scrolled to, with the keyboard too. */}
      {/* eslint-disable-next-line jsx-a11y-x/no-noninteractive-tabindex -- what scrolls has to be reachable */}
      <pre tabIndex={0} aria-label={label}>
        <code>{code}</code>
      </pre>
      <CopyButton value={code}>
        {({ copied, copy }) => (
          <Tip label={copied ? texts.copied : texts.copy}>
            <ActionIcon variant="default" size="md" onClick={copy} aria-label={copied ? texts.copied : texts.copy}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tip>
        )}
      </CopyButton>
    </div>
  )
}

/** Lines to copy with their name above: a hash. */
export function NamedSnippet({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed" mb={2}>
        {name}
      </Text>
      <Snippet code={value} label={name} />
    </div>
  )
}
