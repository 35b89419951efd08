// One stream for all questions of a page: each new answer takes the place of the one that everybody shares.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { readLiveAnswer } from '@/answer/read'
import { Problem, problemOf } from '@/api/problem'
import { send } from '@/api/send'
import { eventsOf, type ServerEvent } from './events'

/** How a live page stands: not live, getting there, live, cut off and trying again, or one of too many that watch. */
export type Liveness = 'off' | 'connecting' | 'live' | 'dropped' | 'crowded'

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
// The server says something every fifteen seconds: after twice that nobody is there.
const SILENCE = 35_000
const MOST = 100 // questions of one stream, as the server has it

/** A question whose answer is watched: where the answer is kept, and what the server is told. */
export interface Watched {
  readonly key: readonly string[]
  readonly asked: unknown
}

/** Where answers come from. */
export interface Source {
  readonly address: string
  /** Told why a stream ended, where the server says so. */
  readonly onEnd?: ((code: string) => void) | undefined
}

export interface Live {
  readonly state: Liveness
  /** Whether a question's answers come by themselves; else it is asked now and then, if only to be told why. */
  readonly streams: (key: readonly string[]) => boolean
}

const NONE: ReadonlySet<string> = new Set()

/** Keep the answers to questions up to date for as long as the page shows them. */
export function useLive(
  source: Source,
  watched: readonly Watched[],
  isOn: boolean,
  onState?: (state: Liveness) => void,
): Live {
  const queries = useQueryClient()
  const [state, setState] = useState<Liveness>('connecting')
  const [refused, setRefused] = useState(NONE)
  const { address } = source
  const asked = [...new Set(watched.map(({ key }) => nameOf(key)))].sort().slice(0, MOST)
  const keys = asked.join('\n')
  const latest = useRef({ source, watched })
  useEffect(() => {
    latest.current = { source, watched }
    onState?.(isOn ? state : 'off')
  }, [source, watched, isOn, state, onState])
  useEffect(() => {
    if (!isOn || keys === '') return
    const known = new Map(latest.current.watched.map((one) => [nameOf(one.key), one]))
    const wanted = keys.split('\n').flatMap((name) => known.get(name) ?? [])
    const stop = new AbortController()
    const mark = (name: string, isRefused: boolean) => {
      setRefused((before) => (before.has(name) === isRefused ? before : toggled(before, name)))
    }
    const onEvent = ({ name, data }: ServerEvent) => {
      if (name === 'end') {
        latest.current.source.onEnd?.((JSON.parse(data) as { code: string }).code)
        return
      }
      const one = wanted[(JSON.parse(data) as { index: number }).index]
      if (one === undefined) return
      mark(nameOf(one.key), name === 'problem')
      if (name === 'answer') queries.setQueryData(one.key, readLiveAnswer(data).answer)
    }
    const how = { address, body: JSON.stringify({ queries: wanted.map((one) => one.asked) }) }
    void keepStreaming(how, onEvent, setState, stop.signal)
    return () => {
      stop.abort()
    }
  }, [address, keys, isOn, queries])
  const isThere = isOn && (state === 'live' || state === 'connecting')
  const streamed = new Set(asked)
  const streams = (key: readonly string[]) => isThere && streamed.has(nameOf(key)) && !refused.has(nameOf(key))
  return { state: isOn ? state : 'off', streams }
}

function nameOf(key: readonly string[]): string {
  return JSON.stringify(key)
}

function toggled(before: ReadonlySet<string>, name: string): ReadonlySet<string> {
  return before.has(name) ? new Set([...before].filter((one) => one !== name)) : new Set([...before, name])
}

interface Stream {
  readonly address: string
  readonly body: string
}

async function keepStreaming(
  asked: Stream,
  onEvent: (event: ServerEvent) => void,
  onState: (state: Liveness) => void,
  signal: AbortSignal,
): Promise<void> {
  let pause = FIRST_PAUSE
  for (;;) {
    let isCrowded = false
    try {
      await stream(asked, onEvent, signal, () => {
        pause = FIRST_PAUSE
        onState('live')
      })
    } catch (error) {
      isCrowded = error instanceof Problem && error.code === 'TOO_MANY_LIVE'
      if (isCrowded || (error instanceof Problem && !error.isPassing && error.status !== 401)) pause = LONGEST_PAUSE
    }
    if (signal.aborted) return
    onState(isCrowded ? 'crowded' : 'dropped')
    await waited(pause)
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  }
}

/** Wait for a while, but no longer than until the machine is back in its network. */
function waited(pause: number): Promise<unknown> {
  return new Promise((resolve) => {
    setTimeout(resolve, pause)
    globalThis.addEventListener('online', resolve, { once: true })
  })
}

async function stream(asked: Stream, onEvent: (event: ServerEvent) => void, signal: AbortSignal, onOpen: () => void) {
  const gone = new AbortController()
  const leave = () => {
    gone.abort()
  }
  globalThis.addEventListener('offline', leave, { once: true })
  const response = await send(asked.address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
    body: asked.body,
    signal: AbortSignal.any([signal, gone.signal]),
  })
  if (!response.ok || response.body === null) throw await problemOf(response)
  onOpen()
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const timer = setTimeout(leave, SILENCE)
    const { done, value } = await reader.read()
    clearTimeout(timer)
    if (done) return
    const found = eventsOf(rest + value)
    rest = found.rest
    found.events.forEach(onEvent)
  }
}
