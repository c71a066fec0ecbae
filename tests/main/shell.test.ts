import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { autostartEntry, isAutostartOn } from '../../src/main/autostart-entry.ts'
import { engineEnvironment } from '../../src/main/engine/engine-environment.ts'
import { autostartFile, createLoginItem } from '../../src/main/login-item.ts'
import { openShellMemory } from '../../src/main/shell-memory.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hallpass-shell-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('stored state of the app', () => {
  test('is discarded without an error if it is invalid, a list or unreadable', () => {
    const file = join(folder, 'shell.json')
    for (const text of ['', '{', '[', 'null', '7']) {
      writeFileSync(file, text)
      expect(openShellMemory(file).current).toEqual({})
    }
    expect(openShellMemory(folder).current).toEqual({})
  })

  test('is restored at the next start, and readable by this user only', () => {
    const file = join(folder, 'shell.json')
    const memory = openShellMemory(file)
    memory.store({ told_of_tray: true })
    memory.store({ bounds: { x: 1, y: 2, width: 3, height: 4 } })
    expect(openShellMemory(file).current).toEqual({ told_of_tray: true, bounds: { x: 1, y: 2, width: 3, height: 4 } })
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('is lost if its folder is missing, and the app continues', () => {
    const memory = openShellMemory(join(folder, 'gone', 'shell.json'))
    memory.store({ told_of_tray: true })
    expect(memory.current.told_of_tray).toBe(true)
  })
})

describe('open at login', () => {
  const app = { isPackaged: false, getLoginItemSettings: () => ({}) as never, setLoginItemSettings: () => undefined }

  test('is rejected for a copy that is not installed', () => {
    const item = createLoginItem(app, { HOME: folder })
    expect(item).toMatchObject({ possible: false, enabled: false })
    expect(() => item.set(true)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST', field: 'open_at_login' }))
  })

  test('writes a desktop entry on Linux that starts the app in the tray, and removes it', () => {
    const file = autostartFile({ XDG_CONFIG_HOME: join(folder, 'config') }, '/opt/Hallpass/hallpass-desktop')
    expect(file.read()).toBe(false)
    file.write(true)
    expect(file.read()).toBe(true)
    const text = readFileSync(join(folder, 'config/autostart/hallpass.desktop'), 'utf8')
    expect(text).toContain('\nExec="/opt/Hallpass/hallpass-desktop" "--hidden"\n')
    file.write(false)
    expect(file.read()).toBe(false)
    file.write(false)
  })

  test('uses ~/.config without XDG_CONFIG_HOME', () => {
    autostartFile({ HOME: folder, XDG_CONFIG_HOME: '' }, '/x').write(true)
    expect(readFileSync(join(folder, '.config/autostart/hallpass.desktop'), 'utf8')).toContain('[Desktop Entry]')
  })

  test('starts exactly one program for a path with special characters', () => {
    const entry = autostartEntry('/opt/a "b" $c `d` \\e %f/hallpass', [])
    expect(entry.split('\n').find((line) => line.startsWith('Exec='))).toBe(
      'Exec="/opt/a \\\\"b\\\\" \\\\$c \\\\`d\\\\` \\\\\\\\e %%f/hallpass"',
    )
  })

  test('is off if a desktop environment turned its entry off', () => {
    const entry = autostartEntry('/x', [])
    expect(isAutostartOn(entry)).toBe(true)
    expect(isAutostartOn(`${entry}Hidden=true\n`)).toBe(false)
    expect(isAutostartOn(entry.replace('enabled=true', 'enabled=false'))).toBe(false)
  })
})

describe('the environment of the engine', () => {
  test.each(['x', '-1', '65536', '1.5', ' 1', '0x10'])('rejects a port of %j by name', (port) => {
    expect(() => engineEnvironment({ HALLPASS_PORT: port })).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', field: 'HALLPASS_PORT' }),
    )
  })

  test('is the same as for a headless engine, and leaves out empty values', () => {
    expect(
      engineEnvironment({
        HALLPASS_PORT: '0',
        HALLPASS_HOST: '127.0.0.2',
        HALLPASS_LOG_LEVEL: 'silent',
        HALLPASS_VAULT_KEY: 'k',
      }),
    ).toEqual({ port: 0, host: '127.0.0.2', logLevel: 'silent', vaultKey: 'k' })
    expect(
      engineEnvironment({ HALLPASS_PORT: '', HALLPASS_HOST: '', HALLPASS_LOG_LEVEL: '', HALLPASS_VAULT_KEY: '' }),
    ).toEqual({})
  })
})
