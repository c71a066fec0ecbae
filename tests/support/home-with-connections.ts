import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/engine/clock.ts'
import { openStore } from '../../src/engine/store/open-store.ts'
import { startTestEngine } from './start-test-engine.ts'

/**
 * Creates the data folder of a stopped engine whose project `demo` also includes documents of these names. They are stored
 * without being tested, because a process for each of them takes longer than the test that shows them.
 */
export async function homeWithConnections(names: readonly string[]): Promise<AsyncDisposable & { home: string }> {
  const home = await mkdtemp(join(tmpdir(), 'hallpass-test-'))
  await (await startTestEngine({ home })).stop()
  const store = openStore({ home, clock: systemClock })
  const projectId = store.read.project('demo')?.id ?? 0
  for (const [index, name] of names.entries())
    store.write.createConnection(
      {
        name,
        kind: 'sqlite',
        config: { path: join(home, `${name}.sqlite`) },
        secret_location: null,
        secret_account: `account-${index}`,
        created_at: systemClock.now(),
      },
      { projectId, passThrough: false },
    )
  store.close()
  return { home, [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) }
}
