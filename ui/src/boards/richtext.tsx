// Text on a dashboard: paragraphs and lists, as people type them. What looks like markup is text.
import { List, Text, Title } from '@mantine/core'

export type Block =
  | { readonly kind: 'paragraph' | 'heading'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }

/** Give the blocks of a text: an empty line ends one, a dash or star begins an item, a # a heading. */
export function blocksOf(text: string): Block[] {
  const blocks = text.split('\n').reduce<Block[]>((found, line) => {
    const last = found.at(-1)
    const joined = last === undefined ? null : join(last, lineOf(line))
    return joined === null ? [...found, lineOf(line)] : [...found.slice(0, -1), joined]
  }, [])
  return blocks.filter((block) => block.kind === 'list' || block.text !== '')
}

function lineOf(line: string): Block {
  const item = /^\s*[-*•]\s+(.*)$/.exec(line)?.[1]
  if (item !== undefined) return { kind: 'list', items: [item] }
  const heading = /^#+\s+(.*)$/.exec(line)?.[1]
  return heading === undefined ? { kind: 'paragraph', text: line.trim() } : { kind: 'heading', text: heading }
}

/** One block of two, if the second goes on with the first. */
function join(last: Block, next: Block): Block | null {
  if (last.kind === 'list' && next.kind === 'list') return { kind: 'list', items: [...last.items, ...next.items] }
  const isText = last.kind === 'paragraph' && next.kind === 'paragraph' && last.text !== '' && next.text !== ''
  return isText ? { kind: 'paragraph', text: `${last.text}\n${next.text}` } : null
}

/** A text of a dashboard. */
export function RichText({ text }: { text: string }) {
  return (
    <div dir="auto">
      {blocksOf(text).map((block, i) => {
        if (block.kind === 'list') {
          return (
            <List key={i} size="sm" mb="xs">
              {block.items.map((item, j) => (
                <List.Item key={j}>{item}</List.Item>
              ))}
            </List>
          )
        }
        if (block.kind === 'heading')
          return (
            <Title key={i} order={3} mb={4}>
              {block.text}
            </Title>
          )
        return (
          <Text key={i} size="sm" mb="xs" style={{ whiteSpace: 'pre-line' }}>
            {block.text}
          </Text>
        )
      })}
    </div>
  )
}
