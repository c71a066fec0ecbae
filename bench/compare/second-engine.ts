import { spawn } from 'node:child_process'
import { startEngineProcess, type EngineProcess } from '../engine-process.ts'
import { startPeer } from '../http-peers.ts'
import { forwardedRequest, KEY_VARIABLE, mint, type Part } from './contenders.ts'
import type { Contender } from './measure.ts'
import { endWithThisProcess } from '../end-with-this-process.ts'

const TOKENS = 1_000
const SESSIONS = 2_000
/** Maximum number of grants of one token. */
const GRANTS = 1_000
/** Grants of each other token, 11,000 in total. */
const GRANTS_EACH = 10
const AT_ONCE = 16

/**
 * The same requests through an engine with few tokens and through one with many tokens, session tokens and grants. A request
 * must cost the same.
 */
export async function growthPart(few: EngineProcess): Promise<Part> {
  return besideAnother(few, ['few tokens and grants', 'many tokens and grants'], async (many) => {
    const path = (index: number): object => ({ connection: 'api', permissions: ['read'], paths: [`/never/${index}/*`] })
    const paths = (count: number): object[] => Array.from({ length: count }, (_, index) => path(index))
    const crowd = Array.from({ length: TOKENS }, (_, index) => [`token-${index}`, tokenOf(paths(GRANTS_EACH))] as const)
    // The grant that decides is the last one.
    const grants = [...paths(GRANTS - 1), { connection: 'api', permissions: ['read'] }]
    await addTokens(many, Object.fromEntries([...crowd, ['busy', tokenOf(grants)]]))
    const accessToken = await many.hallpass('create', 'token', 'source', '-p', 'demo', '--clone', '--rate', 'none')
    for (let done = 0; done < SESSIONS; done += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, () => mint(many, 'api', ['read'], accessToken)))
    return mint(many, 'api', ['read'], await many.hallpass('rotate', 'token', 'busy', '-p', 'demo'))
  })
}

/** The same requests without and with somebody who follows the log. */
export async function feedPart(quiet: EngineProcess): Promise<Part> {
  return besideAnother(quiet, ['nobody follows the log', 'a live log'], async (watched) => {
    const follower = spawn(process.execPath, [watched.launcher, 'logs', '-f', '-o', 'jsonl'], {
      env: watched.environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    endWithThisProcess(follower)
    return mint(watched, 'api', ['read'])
  })
}

export function tokenOf(grants: readonly object[]): object {
  return { kind: 'access', expires: '1d', rate: 'none', grants }
}

export async function addTokens(engine: EngineProcess, tokens: object): Promise<void> {
  const exported = JSON.parse(await engine.hallpass('export', '-p', 'demo', '-o', 'json')) as {
    projects: { demo: { tokens: object } }
  }
  Object.assign(exported.projects.demo.tokens, tokens)
  await engine.hallpassWith(JSON.stringify(exported), 'apply', '-f', '-', '-o', 'json')
}

/** Both engines forward to the same API. `prepare` fills the second one and returns the session token to use there. */
async function besideAnother(
  first: EngineProcess,
  [one, other]: readonly [string, string],
  prepare: (second: EngineProcess) => Promise<string>,
): Promise<Part> {
  const upstream = await startPeer('upstream')
  const second = await startEngineProcess()
  const create = ['create', 'connection', 'api', '-p', 'demo', '--type', 'http', '--url', upstream.origin]
  for (const engine of [first, second])
    await engine.hallpass(...create, '--auth', 'bearer', '--secret-ref', `env:${KEY_VARIABLE}`)
  const contender = (engine: EngineProcess, token: string): Contender => ({
    pid: engine.pid,
    origin: engine.url,
    send: forwardedRequest('api', token),
  })
  try {
    return {
      contenders: {
        [one]: contender(first, await mint(first, 'api', ['read'])),
        [other]: contender(second, await prepare(second)),
      },
      async stop() {
        upstream.stop()
        await second.stop()
      },
    }
  } catch (thrown) {
    upstream.stop()
    await second.stop()
    throw thrown
  }
}
