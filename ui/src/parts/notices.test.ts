import { afterEach, expect, it } from 'vitest'
import { dismiss, shownNotices, tell, watchNotices } from './notices'

afterEach(() => {
  for (const { number } of shownNotices()) dismiss(number)
})

const messages = () => shownNotices().map(({ message }) => message)

it('shows the newest last, and no more than there is room for', () => {
  for (const message of ['a', 'b', 'c', 'd', 'e']) tell({ message })
  expect(messages()).toEqual(['b', 'c', 'd', 'e'])
})

it('says nothing twice', () => {
  for (const message of ['a', 'b', 'a']) tell({ message, tone: 'bad' })
  expect(messages()).toEqual(['b', 'a'])
})

it('takes away the one that is meant, and tells whoever watches until they stop', () => {
  let told = 0
  const stop = watchNotices(() => {
    told += 1
  })
  tell({ message: 'a' })
  tell({ message: 'b' })
  dismiss(shownNotices()[0]?.number ?? 0)
  expect([messages(), told]).toEqual([['b'], 3])
  stop()
  tell({ message: 'c' })
  expect(told).toBe(3)
})
