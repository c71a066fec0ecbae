import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createEngineLink } from '../../src/main/engine/create-engine-link.ts'
import { watchSessionEnd } from '../../src/main/watch-system.ts'

test('an app with only its tray icon is notified of a log-off on Windows, over a window that is never shown', () => {
  const windows: EventEmitter[] = []
  let ended = 0
  const watch = (platform: NodeJS.Platform) =>
    watchSessionEnd({
      platform,
      makeWindow() {
        const window = new EventEmitter()
        windows.push(window)
        return window as never
      },
      onSessionEnd: () => (ended += 1),
    })
  for (const platform of ['linux', 'darwin'] as const) watch(platform)
  expect(windows).toEqual([])
  watch('win32')
  windows[0]?.emit('session-end')
  expect(ended).toBe(1)
})

test('the log of an engine in this process is written before a log-off ends it, and none is requested without an engine', async () => {
  let flushed = 0
  const link = createEngineLink({
    now: Date.now,
    sources: {
      attach: async () => null,
      start: async () => ({
        place: 'running',
        owner: {} as never,
        ended: new Promise(() => {}),
        flushLog: () => (flushed += 1),
        close: async () => undefined,
      }),
    },
  })
  link.flushLog()
  expect(flushed).toBe(0)
  await link.owner()
  link.flushLog()
  expect(flushed).toBe(1)
  await link.stop(1000)
})
