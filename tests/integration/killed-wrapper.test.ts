import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isRunning } from '../mcp-upstreams/support/mcp-room.ts'
import { TEST_VAULT_KEY } from '../support/prepare-home.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'hallpass-wrapper-'))
const older = join(folder, 'older.cjs')
const home = join(folder, 'home')
const options = {
  env: {
    PATH: process.env['PATH'],
    HALLPASS_HOME: home,
    HALLPASS_PORT: '0',
    HALLPASS_VAULT_KEY: TEST_VAULT_KEY,
  },
}
/** The launcher takes this Node for an older one, so it starts the one of the installation. */
const launcher = ['--require', older, join(root, 'bin/hallpass')]

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.skipIf(!existsSync(join(root, 'dist/cli.js')) || process.platform === 'win32')(
  'killing a launcher ends its engine too',
  async () => {
    writeFileSync(
      older,
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.0.0' } })\n",
    )
    expect(spawnSync(process.execPath, [...launcher, 'version'], { ...options, encoding: 'utf8' })).toMatchObject({
      status: 0,
    })
    const wrapper = spawn(process.execPath, [...launcher, 'serve'], { ...options, stdio: ['ignore', 'pipe', 'ignore'] })
    await new Promise<void>((resolve) => {
      wrapper.stdout.on('data', (chunk) => String(chunk).includes('Ctrl-C') && resolve())
    })
    const { stdout } = spawnSync(process.execPath, [join(root, 'bin/hallpass'), 'status', '-o', 'json'], {
      ...options,
      encoding: 'utf8',
    })
    const { pid } = JSON.parse(stdout) as { pid: number }
    expect([pid === wrapper.pid, isRunning(pid)]).toEqual([false, true])
    wrapper.kill('SIGKILL')
    await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false)
  },
  60_000,
)
