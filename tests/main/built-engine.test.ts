import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connectControl } from '../../src/control/control-client.ts'
import { loadEngine, startOwnEngine } from '../../src/main/engine/start-own-engine.ts'
import { errorMessage } from '../../src/main/to-hallpass-error.ts'
import { TEST_VAULT_KEY } from '../support/prepare-home.ts'

const DIST = join(import.meta.dirname, '../../dist')

test.skipIf(!existsSync(join(DIST, 'engine.js')))(
  'the built engine runs in the process of the app, and its errors are recognized by their shape',
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'hallpass-built-'))
    const options = { home, port: 0, vaultKey: TEST_VAULT_KEY, logLevel: 'silent' }
    const engine = await startOwnEngine(await loadEngine(DIST), options, () => undefined)
    try {
      expect((await engine.owner.status()).home).toBe(home)
      await expect(
        startOwnEngine(await loadEngine(DIST), options, () => undefined).catch((thrown: unknown) =>
          errorMessage(thrown),
        ),
      ).resolves.toContain('Hallpass is already running with this data folder')
      await expect(
        engine.owner.projects.get({ name: 'absent' }).catch((thrown: unknown) => errorMessage(thrown)),
      ).resolves.toContain('absent')
      const client = await connectControl({ home })
      await client.api.projects.create({ name: 'made' })
      client.close()
      expect((await engine.owner.projects.list()).map(({ name }) => name)).toContain('made')
    } finally {
      await engine.close()
      await rm(home, { recursive: true, force: true })
    }
  },
)
