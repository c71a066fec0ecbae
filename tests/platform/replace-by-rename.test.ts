import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { replaceByRename, replaceByRenameSync } from '../../src/platform/replace-by-rename.ts'

function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/** A rename that fails so many times first, and the pauses between the tries. */
function heldOpen(times: number, code = 'EPERM') {
  const pauses: number[] = []
  let tries = 0
  const rename = (): void => {
    tries += 1
    if (tries <= times) throw failure(code)
  }
  return { pauses, rename, pause: (ms: number) => void pauses.push(ms), tries: () => tries }
}

describe('a rename onto a file that another program has open', () => {
  test.each(['EPERM', 'EACCES', 'EBUSY'])('is retried on Windows after %s', async (code) => {
    const held = heldOpen(3, code)
    await replaceByRename('a', 'b', {
      platform: 'win32',
      rename: async () => held.rename(),
      pause: async (ms) => held.pause(ms),
    })
    expect(held.pauses).toEqual([5, 10, 20])
  })

  test("fails after about five seconds, with the system's own error", () => {
    const held = heldOpen(100)
    expect(() => replaceByRenameSync('a', 'b', { platform: 'win32', ...held })).toThrow('EPERM')
    const total = held.pauses.reduce((sum, ms) => sum + ms, 0)
    expect(total).toBeGreaterThan(4000)
    expect(total).toBeLessThan(6000)
  })

  test('fails immediately on other systems, and for other failures', async () => {
    const linux = heldOpen(1)
    await expect(replaceByRename('a', 'b', { platform: 'linux', rename: async () => linux.rename() })).rejects.toThrow()
    const full = heldOpen(1, 'ENOSPC')
    expect(() => replaceByRenameSync('a', 'b', { platform: 'win32', ...full })).toThrow('ENOSPC')
    expect([linux.tries(), full.tries()]).toEqual([1, 1])
  })
})

test('replaces the old file with the new one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-rename-'))
  const [fresh, file] = [join(folder, 'new'), join(folder, 'file')]
  writeFileSync(file, 'old')
  writeFileSync(fresh, 'one')
  await replaceByRename(fresh, file)
  writeFileSync(fresh, 'two')
  replaceByRenameSync(fresh, file)
  expect(readFileSync(file, 'utf8')).toBe('two')
  rmSync(folder, { recursive: true })
})
