import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { emptyDocument, type Document } from '@/boards/document'
import { useAutosave } from './autosave'
import type { Dashboard } from './queries'

// The network: what was sent, and what comes back.
const network = vi.hoisted(() => {
  const found = { sent: [] as string[], answer: (sent: string) => new Response(sent) }
  globalThis.fetch = async (input) => {
    const text = await (input as Request).text()
    found.sent.push(text)
    return found.answer(text)
  }
  return found
})

const DOCUMENT = emptyDocument('Sales', 300)
const DASHBOARD = { id: 'd', version: 1, document: DOCUMENT } as Dashboard

function saved(sent: string): Response {
  const { version, document } = JSON.parse(sent) as { version: number; document: Document }
  return Response.json({ ...DASHBOARD, version: version + 1, document })
}

function refused(): Response {
  return Response.json({ code: 'DASHBOARD_PUBLISHED', status: 403, detail: 'Ask them.' }, { status: 403 })
}

function editing() {
  const queries = new QueryClient()
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  )
  return renderHook(({ title }) => useAutosave(DASHBOARD, { ...DOCUMENT, title }, 'ann.sales'), {
    wrapper,
    initialProps: { title: DOCUMENT.title },
  })
}

async function passed(milliseconds: number): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(milliseconds))
}

beforeEach(() => {
  vi.useFakeTimers()
  network.sent.length = 0
  network.answer = saved
})
afterEach(() => {
  vi.useRealTimers()
})

test('an edit is saved a moment after it was made, and once', async () => {
  const { result, rerender } = editing()
  rerender({ title: 'Turnover' })
  expect(result.current.state).toBe('unsaved')
  await passed(10_000)
  expect([network.sent.length, result.current.state]).toEqual([1, 'saved'])
})

test('what is refused is not sent again until it is something else', async () => {
  network.answer = refused
  const { result, rerender } = editing()
  rerender({ title: 'Turnover' })
  await passed(20_000)
  expect([network.sent.length, result.current.state]).toEqual([1, 'refused'])
  network.answer = saved
  rerender({ title: 'Takings' })
  await passed(2_000)
  expect([network.sent.length, result.current.state]).toEqual([2, 'saved'])
})

test('what is not saved yet is saved when the page is left', async () => {
  const { rerender, unmount } = editing()
  rerender({ title: 'Turnover' })
  unmount()
  await passed(2_000)
  expect(network.sent).toHaveLength(1)
  expect(network.sent[0]).toContain('Turnover')
})

test('leaving a page on which nothing was edited sends nothing', async () => {
  const { unmount } = editing()
  unmount()
  await passed(2_000)
  expect(network.sent).toEqual([])
})
