import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTokenClipboard } from '../../src/main/clipboard/create-token-clipboard.ts'

const TOKEN = 'sess_abc'
const START = Date.parse('2026-01-01T00:00:00.000Z')
const at = (milliseconds: number): string => new Date(START + milliseconds).toISOString()

function clipboardOf() {
  let text = 'before'
  return {
    readText: async () => text,
    writeText: async (next: string) => {
      text = next
    },
    clear: async () => {
      text = ''
    },
  }
}

beforeEach(() => {
  vi.useFakeTimers({ now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

function make(clipboard = clipboardOf()) {
  const failed = vi.fn<() => void>()
  return { clipboard, failed, tokens: createTokenClipboard({ clipboard, now: () => Date.now(), failed }) }
}

test('a token leaves the clipboard when it expires, not before', async () => {
  const { clipboard, tokens } = make()
  await tokens.copy(TOKEN, at(5000))
  await vi.advanceTimersByTimeAsync(4999)
  expect(await clipboard.readText()).toBe(TOKEN)
  await vi.advanceTimersByTimeAsync(1)
  expect(await clipboard.readText()).toBe('')
  expect(tokens.holdsSession).toBe(false)
})

test('a later copy stays', async () => {
  const { clipboard, tokens } = make()
  await tokens.copy(TOKEN, at(5000))
  await clipboard.writeText('mine')
  await vi.advanceTimersByTimeAsync(6000)
  expect(await clipboard.readText()).toBe('mine')
})

test('a token that never expires stays', async () => {
  const { clipboard, tokens } = make()
  await tokens.copy('hp_pat_x', null)
  await tokens.sessionsEnded()
  tokens.sessionsAre([])
  await vi.advanceTimersByTimeAsync(10 ** 10)
  expect(await clipboard.readText()).toBe('hp_pat_x')
})

test('an expired token is not copied', async () => {
  const { clipboard, tokens } = make()
  await tokens.copy(TOKEN, at(-1))
  await vi.advanceTimersByTimeAsync(0)
  expect(await clipboard.readText()).toBe('')
})

test('an expiry beyond the longest timer is waited for', async () => {
  const { clipboard, tokens } = make()
  const days = 40 * 24 * 3_600_000
  await tokens.copy('hp_pat_x', at(days))
  await vi.advanceTimersByTimeAsync(days - 1)
  expect(await clipboard.readText()).toBe('hp_pat_x')
  await vi.advanceTimersByTimeAsync(1)
  expect(await clipboard.readText()).toBe('')
})

test('a later copy replaces the first one, with its own expiry', async () => {
  const { clipboard, tokens } = make()
  await tokens.copy(TOKEN, at(1000))
  await tokens.copy('sess_second', at(9000))
  await vi.advanceTimersByTimeAsync(5000)
  expect(await clipboard.readText()).toBe('sess_second')
})

test('a revoked token leaves immediately, identified by its ID or its expiry', async () => {
  for (const id of ['s1', undefined]) {
    const { clipboard, tokens } = make()
    await tokens.copy(TOKEN, at(5000), id)
    tokens.sessionsAre([
      { id: 's2', expires_at: at(7000) },
      { id: 's1', expires_at: at(5000) },
    ])
    await vi.advanceTimersByTimeAsync(0)
    expect(await clipboard.readText()).toBe(TOKEN)
    tokens.sessionsAre([{ id: 's2', expires_at: at(7000) }])
    await vi.advanceTimersByTimeAsync(0)
    expect(await clipboard.readText()).toBe('')
  }
})

test('session tokens end with their engine, and access tokens do not', async () => {
  const { clipboard, tokens } = make()
  await tokens.copy('hp_pat_x', at(5000))
  await tokens.sessionsEnded()
  expect(await clipboard.readText()).toBe('hp_pat_x')
  await tokens.copy(TOKEN, at(5000))
  await tokens.sessionsEnded()
  expect(await clipboard.readText()).toBe('')
})

test('an expiry that passed during sleep clears the clipboard afterward', async () => {
  const { clipboard, tokens } = make()
  await tokens.copy(TOKEN, at(5000))
  vi.setSystemTime(START + 60_000)
  tokens.check()
  await vi.advanceTimersByTimeAsync(0)
  expect(await clipboard.readText()).toBe('')
})

test('a clipboard that does not respond is reported, and nothing breaks', async () => {
  const { tokens, failed } = make({ ...clipboardOf(), readText: async () => Promise.reject(new Error('no display')) })
  await tokens.copy(TOKEN, at(1))
  await vi.advanceTimersByTimeAsync(2)
  expect(failed).toHaveBeenCalledOnce()
})
