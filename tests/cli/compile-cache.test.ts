import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'cli', 'index.ts')

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hallpass-cache-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function run(...words: string[]): number | null {
  const { NODE_COMPILE_CACHE: _none, ...environment } = process.env
  return spawnSync(process.execPath, [PROGRAM, ...words], { env: { ...environment, HALLPASS_HOME: home } }).status
}

function cached(): string[] {
  return readdirSync(join(home, 'compile-cache'), { recursive: true }) as string[]
}

test('the engine caches compiled code in its data folder, which only its owner can read', () => {
  expect(run('serve', '--port', 'none')).toBe(2)
  expect(cached().length).toBeGreaterThan(10)
  expect(statSync(join(home, 'compile-cache')).mode & 0o777).toBe(0o700)
})

test('other commands cache nothing', () => {
  expect(run('--version')).toBe(0)
  expect(readdirSync(home)).toEqual([])
})

test.skipIf(process.platform === 'win32')('no code is loaded from a folder that others can write to', () => {
  mkdirSync(join(home, 'compile-cache'))
  chmodSync(join(home, 'compile-cache'), 0o770)
  expect(run('serve', '--port', 'none')).toBe(2)
  expect(cached()).toEqual([])
  rmSync(join(home, 'compile-cache'), { recursive: true })
  chmodSync(home, 0o770)
  expect(run('serve', '--port', 'none')).toBe(2)
  expect(existsSync(join(home, 'compile-cache'))).toBe(false)
})
