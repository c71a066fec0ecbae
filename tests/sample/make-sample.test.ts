import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/engine/clock.ts'
import { openStore } from '../../src/engine/store/open-store.ts'
import { startTestEngine } from '../support/start-test-engine.ts'
import { startBuiltWorker } from '../support/built-worker.ts'

async function withHome(work: (home: string) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'hallpass-sample-'))
  try {
    await work(home)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

test('does not create the sample again after the owner deleted it', () =>
  withHome(async (home) => {
    {
      await using engine = await startTestEngine({ home })
      await engine.owner.projects.delete({ name: 'demo' })
    }
    await using engine = await startTestEngine({ home })
    expect(engine.sample).toBeNull()
    expect(await engine.owner.projects.list()).toEqual([])
  }))

test('completes a first start that was interrupted between its writes', () =>
  withHome(async (home) => {
    const store = openStore({ home, clock: systemClock })
    store.write.setSetting('sample_begun', 'then')
    store.write.createProject('demo', 1)
    store.close()
    await using engine = await startTestEngine({ home })
    expect(await engine.owner.tokens.list({ project: 'demo' })).toMatchObject([
      { name: 'local-agent', status: 'active' },
    ])
    expect(await engine.owner.projects.get({ name: 'demo' })).toMatchObject({ connections: ['sales'] })
  }))

test('creates no sample in a data folder in use before the sample existed', () =>
  withHome(async (home) => {
    const store = openStore({ home, clock: systemClock })
    store.write.createProject('mine', 1)
    store.close()
    await using engine = await startTestEngine({ home })
    expect((await engine.owner.projects.list()).map((project) => project.name)).toEqual(['mine'])
  }))

test('writes the sample document with a worker of the program that starts the engine, like every document', () =>
  withHome(async (home) => {
    const documents: string[] = []
    await using engine = await startTestEngine({
      home,
      startWorker: (document) => {
        documents.push(document.file.path)
        return startBuiltWorker(document)
      },
    })
    expect(engine.sample).not.toBeNull()
    expect(documents).toEqual([join(home, 'documents/sales.sqlite')])
  }))
