import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

  it('leaves the environment with neither the key nor the name of its file', () => {
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
  ])('rejects a file that %s, without its path', (_what, path) => {
    const file = path()
    const { code, field, message } = refusal(() => takeVaultKey({ HALLPASS_VAULT_KEY_FILE: file }))
    expect([code, field]).toEqual(['INVALID_REQUEST', 'vault_key_file'])
    if (file.startsWith('/')) expect(message).not.toContain(file)
  })

  it('rejects a key and a file at once', () => {
    const environment = { HALLPASS_VAULT_KEY: 'canary', HALLPASS_VAULT_KEY_FILE: keyFile('other') }
    expect(refusal(() => takeVaultKey(environment)).code).toBe('INVALID_REQUEST')
  })
})
