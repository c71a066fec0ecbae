import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { startOf, startQuery, startQueryEnvironment } from '../../src/engine/mcp-upstreams/stdio/process-table.ts'

describe('the start time of a process', () => {
  test('is requested from Windows by a full path, in UTC', () => {
    const [file, ...words] = startQuery(42, 'win32')
    expect(file).toMatch(/^[A-Z]:\\.*\\System32\\WindowsPowerShell\\v1\.0\\powershell\.exe$/)
    expect(words.at(-1)).toContain('ToUniversalTime()')
  })

  test('does not depend on the time zone or the language of the user', () => {
    expect(startQueryEnvironment({ TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8', HOME: '/h' })).toEqual({
      TZ: 'UTC',
      LC_ALL: 'C',
      HOME: '/h',
    })
  })

  test('is stable for a process, different for another one, and null for a missing one', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    await once(child, 'spawn')
    const pid = child.pid as number
    const start = await startOf(pid)
    expect(start).not.toBeNull()
    expect(await startOf(pid)).toBe(start)
    expect(await startOf(process.pid)).not.toBe(start)
    child.stdin.end()
    await once(child, 'exit')
    expect(await startOf(pid)).toBeNull()
  })
})
