import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { extendPath, readLoginShellPath } from '../../src/platform/login-shell-path.ts'

const folder = mkdtempSync(join(tmpdir(), 'hallpass-shell-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A login shell that runs a profile first, as a person's does. */
function shell(name: string, profile: string): string {
  const file = join(folder, name)
  writeFileSync(file, `#!/bin/sh\n${profile}\nexec /bin/sh -c "$2"\n`)
  chmodSync(file, 0o755)
  return file
}

const environment = { PATH: '/usr/bin:/bin', HOME: folder }

describe('the PATH of a login shell', () => {
  test('contains what the profile adds, whatever the profile prints', async () => {
    const file = shell('greets', 'echo Welcome back; export PATH="/opt/tools/bin:$PATH"')
    expect(await readLoginShellPath({ shell: file, environment })).toBe('/opt/tools/bin:/usr/bin:/bin')
  })

  test('is abandoned if the profile waits for input', async () => {
    const file = shell('waits', 'sleep 60')
    expect(await readLoginShellPath({ shell: file, environment, timeoutMs: 100 })).toBeNull()
  })

  test('is abandoned if the profile never stops printing', async () => {
    const file = shell('floods', 'while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done')
    expect(await readLoginShellPath({ shell: file, environment, timeoutMs: 20_000 })).toBeNull()
  })

  test('is null if there is no such shell, or it fails', async () => {
    expect(await readLoginShellPath({ shell: '/no/such/shell', environment })).toBeNull()
    expect(await readLoginShellPath({ shell: shell('fails', 'exit 3'), environment })).toBeNull()
  })

  test('adds folders after the known ones, and no relative ones', () => {
    expect(extendPath('/usr/bin:/bin', '/opt/a:.:/bin:/opt/a:bin')).toBe('/usr/bin:/bin:/opt/a')
    expect(extendPath('/usr/bin', null)).toBe('/usr/bin')
  })
})
