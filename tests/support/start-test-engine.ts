import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import type { EngineOptions } from '../../src/engine/engine-options.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { startBuiltWorker } from './built-worker.ts'
import { prepareHome, TEST_VAULT_KEY } from './prepare-home.ts'
import { prepareSample } from './prepare-sample.ts'
import { startEngine, type Engine, type StartedEngine } from '../../src/engine/index.ts'

export type TestEngine = StartedEngine &
  Engine & { home: string; owner: ReturnType<typeof ownerOf>; [Symbol.asyncDispose](): Promise<void> }

function ownerOf(engine: Engine) {
  return createRouterClient(engine.ownerRouter)
}

/** Starts an engine on a free port with a temporary data folder that is deleted with it. */
export async function startTestEngine(options: Partial<EngineOptions> = {}): Promise<TestEngine> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'hallpass-test-')))
  if (options.home === undefined && options.vaultKey === undefined) {
    await prepareHome(home)
    if (options.sample !== false) await prepareSample(home, (options.clock ?? systemClock).now())
  }
  const engine = await startEngine({
    port: 0,
    vaultKey: TEST_VAULT_KEY,
    logLevel: 'silent',
    startWorker: startBuiltWorker,
    ...options,
    home,
  })
  return {
    ...engine,
    home,
    owner: ownerOf(engine),
    async [Symbol.asyncDispose]() {
      await engine.stop()
      if (options.home === undefined) await rm(home, { recursive: true, force: true })
    },
  }
}

/** POSTs JSON with a bearer token. Returns status, headers and parsed body. */
export async function post(url: string, token: string | null, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, any> }
}
