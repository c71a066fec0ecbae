import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, it } from 'vitest'
import { workerEnvironment } from '../../../src/platform/worker-environment.ts'
import { openDocument } from './documents.ts'

const WINDOWS = {
  SYSTEMROOT: String.raw`C:\Windows`,
  SystemDrive: 'C:',
  windir: String.raw`C:\Windows`,
  Temp: String.raw`C:\Users\a\AppData\Local\Temp`,
  TMP: String.raw`C:\Users\a\AppData\Local\Temp`,
  Path: String.raw`C:\tools`,
  HALLPASS_VAULT_KEY: 'canary',
  GRIST_API_KEY: 'canary',
}

it('contains on Windows what the system needs, whatever the case of its name, and nothing else', () => {
  expect(workerEnvironment('win32', WINDOWS)).toEqual({
    NODE_NO_WARNINGS: '1',
    SystemRoot: WINDOWS.SYSTEMROOT,
    SystemDrive: WINDOWS.SystemDrive,
    windir: WINDOWS.windir,
    TEMP: WINDOWS.Temp,
    TMP: WINDOWS.TMP,
  })
})

it.each(['linux', 'darwin'] as const)('contains nothing of the engine on %s', (platform) => {
  expect(workerEnvironment(platform, WINDOWS)).toEqual({ NODE_NO_WARNINGS: '1' })
})

it("contains the folder of Node's compiled code", () => {
  const environment = { NODE_COMPILE_CACHE: '/cache', NODE_OPTIONS: '--inspect' }
  expect(workerEnvironment('linux', environment)).toEqual({ NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: '/cache' })
})

it.skipIf(process.platform !== 'linux')(
  'a worker runs next to its program, and its process has nothing of the engine',
  async () => {
    const document = openDocument()
    await document.call('list_tables', {})
    const ours = readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && parentOf(pid) === process.pid && commandOf(pid).includes('sql-worker'),
    )
    expect(ours.length).toBeGreaterThan(0)
    for (const pid of ours) {
      expect(readlinkSync(`/proc/${pid}/cwd`)).toBe(dirname(process.execPath))
      const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .map((pair) => pair.split('=')[0])
      expect(names.filter((name) => !/^(NODE_|ELECTRON_RUN_AS_NODE$|$)/.test(name ?? ''))).toEqual([])
    }
  },
)

function parentOf(pid: string): number | null {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    // It ended while the list was read.
    return null
  }
}

function commandOf(pid: string): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
}
