// Reads a stream of server-sent events (WHATWG HTML, 9.2) as far as ours go: a name and data, and comments.

export interface ServerEvent {
  readonly name: string
  readonly data: string
}

/** Give the events that a stream's text has so far, and what is left of it for the next piece. */
export function eventsOf(text: string): { events: ServerEvent[]; rest: string } {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n')
  const rest = blocks.pop() ?? ''
  return { events: blocks.flatMap(eventOf), rest }
}

function eventOf(block: string): ServerEvent[] {
  const fields = block.split('\n').filter((line) => line !== '' && !line.startsWith(':'))
  const read = (name: string) =>
    fields.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''))
  const data = read('data')
  return data.length === 0 ? [] : [{ name: read('event')[0] ?? 'message', data: data.join('\n') }]
}
