import { describe, expect, test } from 'vitest'
import { fileOfTypedCommand, findProgram, type ProgramFiles } from '../../src/platform/find-program.ts'

/** A Windows file system with these files. `aliases` are programs of the Microsoft Store: no program can read them. */
function windowsFiles(files: string[], aliases: string[] = []): ProgramFiles {
  const has = (list: string[], path: string): boolean => list.some((one) => one.toLowerCase() === path.toLowerCase())
  return {
    async isFile(path) {
      if (has(aliases, path)) throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
      if (!has(files, path)) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
      return true
    },
    async checkExecutable() {},
  }
}

const NODE = String.raw`C:\Program Files\nodejs`
const STORE = String.raw`C:\Users\Ada\AppData\Local\Microsoft\WindowsApps`
const environment = { Path: `"${NODE}";.;${STORE}`, PATHEXT: '.COM;.EXE;.BAT;.CMD' }

function find(command: string, files: ProgramFiles, more: NodeJS.ProcessEnv = {}) {
  return findProgram(command, { ...environment, ...more }, { platform: 'win32', files })
}

describe('on Windows', () => {
  test('never finds a program in the current folder', async () => {
    expect(await find('npx', windowsFiles(['npx.cmd', '.\\npx.cmd']))).toEqual({ problem: 'not-on-path' })
  })

  test.each([
    '.\\server.exe',
    'tools\\server.exe',
    '..\\server.exe',
    'C:server.exe',
    '\\tools\\server.exe',
    './server',
  ])('rejects %s as relative', async (command) => {
    expect(await find(command, windowsFiles([command]))).toEqual({ problem: 'relative' })
  })

  test('skips the shell script that npm puts next to npx.cmd', async () => {
    const files = windowsFiles([`${NODE}\\npx`, `${NODE}\\npx.cmd`])
    expect(await find('npx', files)).toEqual({ file: `${NODE}\\npx.cmd` })
  })

  test('tries extensions in the order of PATHEXT', async () => {
    const files = windowsFiles([`${NODE}\\tool.cmd`, `${NODE}\\tool.exe`])
    expect(await find('tool', files)).toEqual({ file: `${NODE}\\tool.exe` })
    expect(await find('tool', files, { PATHEXT: '.CMD;.EXE' })).toEqual({ file: `${NODE}\\tool.cmd` })
  })

  test('looks up a name with an extension unchanged', async () => {
    expect(await find('Tool.EXE', windowsFiles([`${NODE}\\tool.exe`]))).toEqual({ file: `${NODE}\\Tool.EXE` })
  })

  test('completes a full path without its extension', async () => {
    expect(await find(`${NODE}\\node`, windowsFiles([`${NODE}\\node.exe`]))).toEqual({ file: `${NODE}\\node.exe` })
  })

  test("finds a program of the Microsoft Store although it can't be read", async () => {
    expect(await find('python', windowsFiles([], [`${STORE}\\python.exe`]))).toEqual({ file: `${STORE}\\python.exe` })
  })

  test('treats a path on a share as a full path', async () => {
    const file = String.raw`\\server\tools\run.exe`
    expect(await find(file, windowsFiles([file]))).toEqual({ file })
  })
})

describe('a command typed by the user', () => {
  const files = windowsFiles([`${NODE}\\npm`, `${NODE}\\npm.cmd`, 'D:\\work\\load.cmd', 'D:\\work\\npm.cmd'])
  const typed = (command: string, platform: NodeJS.Platform = 'win32') =>
    fileOfTypedCommand(command, environment, { platform, folder: 'D:\\work', files })

  test('starts the .cmd file of that name on PATH, never one in the current folder', async () => {
    expect(await typed('npm')).toBe(`${NODE}\\npm.cmd`)
    expect(await typed('load')).toBe('load')
  })

  test('may name a file in the current folder by its path', async () => {
    expect(await typed('.\\load')).toBe('D:\\work\\load.cmd')
    expect(await typed('./load.cmd')).toBe('D:\\work\\load.cmd')
  })

  test('is left to the system elsewhere', async () => {
    expect(await typed('./load.sh', 'linux')).toBe('./load.sh')
  })
})

describe('on Linux and macOS', () => {
  test.each([
    ['./server', 'relative'],
    ['npx tool', 'has-spaces'],
    ['/no/such/file', 'missing'],
    ['/usr', 'not-a-file'],
    ['/etc/passwd', 'not-executable'],
    ['hallpass-no-such-program', 'not-on-path'],
  ])('rejects %s: %s', async (command, problem) => {
    expect(await findProgram(command, { PATH: '/usr/bin:/bin' }, { platform: 'linux' })).toEqual({ problem })
  })

  test('skips relative folders of PATH', async () => {
    expect(await findProgram('sh', { PATH: '.:bin:/bin' }, { platform: 'linux' })).toEqual({ file: '/bin/sh' })
  })
})
