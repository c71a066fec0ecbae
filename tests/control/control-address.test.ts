import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findControlAddress, makeControlAddress } from '../../src/control/control-address.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hallpass-address-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

describe('the pipe of an engine on Windows', () => {
  test('has a name that nobody can guess, and a new one at each start', () => {
    const names = new Set(Array.from({ length: 20 }, () => makeControlAddress(home, 'win32')))
    expect(names.size).toBe(20)
    for (const name of names) expect(name).toMatch(/^\\\\\.\\pipe\\hallpass-[0-9a-f]{32}$/)
  })

  test("is found through the data folder, however the folder's path is spelled", () => {
    const pipe = makeControlAddress(home, 'win32')
    expect(findControlAddress(join(home, '.', 'run', '..'), 'win32')).toBe(pipe)
  })

  test('is not looked for where no engine has run, or under a name that no engine writes', () => {
    expect(findControlAddress(home, 'win32')).toBeNull()
    makeControlAddress(home, 'win32')
    writeFileSync(
      join(home, 'run', 'engine.address'),
      String.raw`\\attacker\pipe\hallpass-00000000000000000000000000000000`,
    )
    expect(findControlAddress(home, 'win32')).toBeNull()
  })
})

test('a socket is in the data folder, or elsewhere if its path would be too long', () => {
  expect(makeControlAddress(home, 'linux')).toBe(join(home, 'run', 'engine.sock'))
  const deep = join(home, 'd'.repeat(120))
  const elsewhere = makeControlAddress(deep, 'linux')
  expect(elsewhere.startsWith(deep)).toBe(false)
  expect(Buffer.byteLength(elsewhere)).toBeLessThanOrEqual(100)
  rmSync(join(elsewhere, '..'), { recursive: true, force: true })
})
