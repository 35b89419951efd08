// One stream for all questions of a page: each new answer takes the place of the one that everybody shares.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { readLiveAnswer } from '@/answer/read'
import { ownHeaders } from '@/api/client'
import { Problem, problemOf } from '@/api/problem'
import { canonical, plain, type Question } from './ask'
import { eventsOf, type ServerEvent } from './events'

/** How a live page stands: not live, getting there, live, or cut off and trying again. */
export type Liveness = 'off' | 'connecting' | 'live' | 'dropped'

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
// The server says something every fifteen seconds: after twice that nobody is there.
const SILENCE = 35_000

export interface Live {
  readonly state: Liveness
  /** The questions that have no answer: they are asked by themselves, to be told why. */
  readonly refused: ReadonlySet<string>
}

const NONE: ReadonlySet<string> = new Set()

/** Keep the answers to questions up to date for as long as the page shows them. */
export function useLive(questions: readonly Question[], isOn: boolean, onState: (state: Liveness) => void): Live {
  const queries = useQueryClient()
  const [state, setState] = useState<Liveness>('connecting')
  const [refused, setRefused] = useState(NONE)
  const keys = [...new Set(questions.map(canonical))].sort().join('\n')
  const latest = useRef(questions)
  useEffect(() => {
    latest.current = questions
    onState(isOn ? state : 'off')
  }, [questions, isOn, state, onState])
  useEffect(() => {
    if (!isOn || keys === '') return
    const distinct = [...new Map(latest.current.map((one) => [canonical(one), one])).values()]
    const stop = new AbortController()
    const onEvent = ({ name, data }: ServerEvent) => {
      if (name === 'problem') {
        const asked = distinct[(JSON.parse(data) as { index: number }).index]
        if (asked !== undefined) setRefused((known) => new Set([...known, canonical(asked)]))
      } else if (name === 'answer') {
        const { index, answer } = readLiveAnswer(data)
        const asked = distinct[index]
        if (asked === undefined) return
        queries.setQueryData(['answer', canonical(asked)], answer)
        setRefused((known) => without(known, canonical(asked)))
      }
    }
    void keepStreaming(distinct, onEvent, setState, stop.signal)
    return () => {
      stop.abort()
    }
  }, [keys, isOn, queries])
  return { state: isOn ? state : 'off', refused }
}

function without(known: ReadonlySet<string>, one: string): ReadonlySet<string> {
  return known.has(one) ? new Set([...known].filter((other) => other !== one)) : known
}

async function keepStreaming(
  questions: readonly Question[],
  onEvent: (event: ServerEvent) => void,
  onState: (state: Liveness) => void,
  signal: AbortSignal,
): Promise<void> {
  let pause = FIRST_PAUSE
  for (;;) {
    try {
      await stream(questions, onEvent, signal, () => {
        pause = FIRST_PAUSE
        onState('live')
      })
    } catch (error) {
      if (error instanceof Problem && !error.isPassing && error.status !== 401) pause = LONGEST_PAUSE
    }
    if (signal.aborted) return
    onState('dropped')
    await new Promise((resolve) => setTimeout(resolve, pause))
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  }
}

async function stream(
  questions: readonly Question[],
  onEvent: (event: ServerEvent) => void,
  signal: AbortSignal,
  onOpen: () => void,
) {
  const silence = new AbortController()
  const response = await fetch('/v1/live', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', ...ownHeaders('POST') },
    body: JSON.stringify({ queries: questions.map(plain) }),
    signal: AbortSignal.any([signal, silence.signal]),
  })
  if (!response.ok || response.body === null) throw await problemOf(response)
  onOpen()
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const timer = setTimeout(() => {
      silence.abort()
    }, SILENCE)
    const { done, value } = await reader.read()
    clearTimeout(timer)
    if (done) return
    const found = eventsOf(rest + value)
    rest = found.rest
    found.events.forEach(onEvent)
  }
}
