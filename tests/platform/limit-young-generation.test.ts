import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const MODULE = new URL('../../src/platform/limit-young-generation.ts', import.meta.url).href

/** Keeps objects for a while, as requests do, and prints the bytes of the young generation. */
function youngBytesAfter(preparation: string): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8'
    ${preparation}
    const ring = []
    for (let turn = 0; turn < 60; turn += 1) {
      for (let n = 0; n < 20_000; n += 1) ring[(turn * 20_000 + n) % 40_000] = { n, list: [1, 2, n], text: 'x' + n }
      await new Promise((resolve) => setImmediate(resolve))
    }
    console.log(getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space').space_size)`
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }))
}

describe('limitYoungGeneration', () => {
  it('keeps the young generation small under load', { timeout: 60_000 }, () => {
    const limited = youngBytesAfter(`import { limitYoungGeneration } from '${MODULE}'; limitYoungGeneration()`)
    const free = youngBytesAfter('')
    expect(limited).toBeGreaterThan(1024 * 1024)
    // V8 may have doubled it once more before the first look.
    expect(limited).toBeLessThanOrEqual(33 * 1024 * 1024)
    expect(free).toBeGreaterThan(limited * 2)
  })
})
