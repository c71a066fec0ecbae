import { describe, expect, test } from 'vitest'
import { windowsProgram } from '../../src/platform/windows-programs.ts'

describe('programs of Windows', () => {
  test('have a full path below the system folder', () => {
    expect(windowsProgram('taskkill', { SystemRoot: String.raw`D:\Windows` })).toBe(
      String.raw`D:\Windows\System32\taskkill.exe`,
    )
    expect(windowsProgram('powershell', { SYSTEMROOT: String.raw`C:\WINNT` })).toBe(
      String.raw`C:\WINNT\System32\WindowsPowerShell\v1.0\powershell.exe`,
    )
  })

  test.each([{}, { SystemRoot: '' }, { SystemRoot: '.' }, { SystemRoot: String.raw`\Windows` }])(
    'ignore a system folder that depends on the current folder: %j',
    (environment) => {
      expect(windowsProgram('cmd', environment)).toBe(String.raw`C:\Windows\System32\cmd.exe`)
    },
  )
})
