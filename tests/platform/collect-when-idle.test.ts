import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const MODULE = new URL('../../src/platform/collect-when-idle.ts', import.meta.url).href

/** Leaves 40 MB of old garbage, does something, and prints the number of forced collections and the megabytes in use. */
function afterwards(meanwhile: string): { forced: number; megabytes: number } {
  const program = `
    import { collectWhenIdle } from '${MODULE}'
    import { constants, PerformanceObserver } from 'node:perf_hooks'
    const forced = []
    let tell
    const collected = new Promise((resolve) => (tell = resolve))
    const observer = new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries())
        if ((detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0) forced.push(detail)
      if (forced.length > 0) tell()
    })
    observer.observe({ entryTypes: ['gc'] })
    let old = Array.from({ length: 500_000 }, (_, n) => ({ n, text: 'x' + n }))
    old = null
    collectWhenIdle({ everyMs: 200, minWorkMs: 50 })
    ${meanwhile}
    console.log(JSON.stringify({ forced: forced.length, megabytes: process.memoryUsage().heapUsed / 1e6 }))`
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }))
}

test('collects garbage once this process is idle', () => {
  const { forced, megabytes } = afterwards(`
    const alive = setInterval(() => undefined, 1000)
    await collected
    clearInterval(alive)`)
  expect(forced).toBe(1)
  expect(megabytes).toBeLessThan(20)
})

test('forces no collection while this process works', () => {
  const { forced } = afterwards(`
    const end = process.cpuUsage().user + 1_500_000
    while (process.cpuUsage().user < end) {
      for (let n = 0; n < 1e6; n += 1) Math.sqrt(n)
      await new Promise((resolve) => setImmediate(resolve))
    }`)
  expect(forced).toBe(0)
})
