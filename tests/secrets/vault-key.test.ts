import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { refusal } from '../access/support/access-room.ts'
import { problemOfVaultKey, takeVaultKey } from '../../src/engine/secrets/vault-key.ts'

function keyFile(text: string, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'key')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

describe('the key of the vault', () => {
  it.each(['', 'short', '15 characters !', 'a'.repeat(64), 'abababababababab'])('rejects %j for a new vault', (key) => {
    expect(problemOfVaultKey(key, false)).toMatch(/16 characters/)
  })

  it('accepts 16 characters, and for an old vault file the 8 that were enough', () => {
    expect(problemOfVaultKey('correct horse ba', false)).toBeNull()
    expect(problemOfVaultKey('8 chars!', true)).toBeNull()
    expect(problemOfVaultKey('7 chars', true)).not.toBeNull()
  })

  it('removes the key and the name of its file from the environment', () => {
    const environment: NodeJS.ProcessEnv = { HALLPASS_VAULT_KEY: 'canary', PATH: '/bin' }
    expect(takeVaultKey(environment)).toBe('canary')
    expect(environment).toEqual({ PATH: '/bin' })
    const other: NodeJS.ProcessEnv = { HALLPASS_VAULT_KEY_FILE: keyFile('canary of a file\n') }
    expect(takeVaultKey(other)).toBe('canary of a file')
    expect(other).toEqual({})
    expect(takeVaultKey({})).toBeUndefined()
  })

  it.skipIf(process.platform === 'win32').each([
    ['is a relative path', () => 'key'],
    ['is missing', () => '/nonexistent/key'],
    ['is a folder', () => tmpdir()],
    ['can be read by others', () => keyFile('canary', 0o644)],
    ['can be written by others', () => keyFile('canary', 0o662)],
    ['is larger than any key', () => keyFile('x'.repeat(5000))],
  ])('rejects a file that %s, without naming its path', (_what, path) => {
    const file = path()
    const { code, field, message } = refusal(() => takeVaultKey({ HALLPASS_VAULT_KEY_FILE: file }))
    expect([code, field]).toEqual(['INVALID_REQUEST', 'vault_key_file'])
    if (file.startsWith('/')) expect(message).not.toContain(file)
  })

  it('is read from a descriptor, which is then closed', () => {
    const descriptor = openSync(keyFile('canary of a descriptor\n'), 'r')
    const environment: NodeJS.ProcessEnv = { HALLPASS_VAULT_KEY_FD: String(descriptor) }
    expect(takeVaultKey(environment)).toBe('canary of a descriptor')
    expect(environment).toEqual({})
    expect(() => fstatSync(descriptor)).toThrow('EBADF')
  })

  it.each(['x', '-1', '1', '2', '3.5', '99999'])('rejects the descriptor %j', (fd) => {
    expect(refusal(() => takeVaultKey({ HALLPASS_VAULT_KEY_FD: fd }))).toMatchObject({ field: 'vault_key_fd' })
  })

  it.each(['', 'x'.repeat(5000)])('rejects a descriptor without a key, or with more than one', (text) => {
    const descriptor = openSync(keyFile(text), 'r')
    expect(refusal(() => takeVaultKey({ HALLPASS_VAULT_KEY_FD: String(descriptor) })).field).toBe('vault_key_fd')
  })

  it.skipIf(process.platform !== 'linux')('on a descriptor is in no environment that the system shows', async () => {
    const script = `
      const { takeVaultKey } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/engine/secrets/vault-key.ts'))})
      const { readFileSync } = await import('node:fs')
      const key = takeVaultKey(process.env)
      process.stdout.write(JSON.stringify([key, readFileSync('/proc/self/environ', 'utf8').includes(key)]))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { PATH: process.env['PATH'], HALLPASS_VAULT_KEY_FD: '3' },
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    })
    ;(child.stdio[3] as Writable).end('canary on a pipe')
    const [output] = (await once(child.stdout as Readable, 'data')) as [Buffer]
    expect(JSON.parse(String(output))).toEqual(['canary on a pipe', false])
  })

  it('rejects a key and a file at once', () => {
    const environment = { HALLPASS_VAULT_KEY: 'canary', HALLPASS_VAULT_KEY_FILE: keyFile('other') }
    expect(refusal(() => takeVaultKey(environment)).code).toBe('INVALID_REQUEST')
  })
})
