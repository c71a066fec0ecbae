import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connectControl, engineRuns } from '../../src/control/control-client.ts'

const MAIN = join(import.meta.dirname, '../../dist/desktop/main.cjs')

/** On the Node of the shipped runtime, the shell holds the engine itself; the runtime around it is a stand-in here. */
test.skipIf(!existsSync(MAIN))(
  'the built app starts its own engine where its Node can, and stops it cleanly on a signal',
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'hallpass-own-'))
    const shell = spawn(process.execPath, ['-r', join(import.meta.dirname, 'stand-in/electron.cjs'), MAIN], {
      env: {
        ...process.env,
        DISPLAY: ':0',
        HALLPASS_HOME: home,
        HALLPASS_PORT: '0',
        HALLPASS_VAULT_KEY: 'a key for tests only',
        HALLPASS_LOG_LEVEL: 'silent',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let words = ''
    shell.stderr.on('data', (chunk: Buffer) => {
      words += chunk.toString('utf8')
    })
    const gone = new Promise<number | null>((resolve) => {
      shell.once('exit', resolve)
    })
    try {
      await expect.poll(() => engineRuns(home), { timeout: 20_000 }).toBe(true)
      const client = await connectControl({ home })
      const status = await client.api.status()
      expect(status.pid).toBe(shell.pid)
      expect((await client.api.projects.list()).map(({ name }) => name)).toEqual(['demo'])
      client.close()
      const answer = await fetch(`${status.url}/healthz`)
      expect(answer.status).toBe(200)
      shell.kill('SIGTERM')
      expect(await gone).toBe(0)
      expect(await engineRuns(home)).toBe(false)
      expect(words).toBe('')
    } finally {
      shell.kill('SIGKILL')
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    }
  },
)
