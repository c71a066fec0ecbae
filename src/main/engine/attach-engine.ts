import { connectControl, engineRuns, type ControlClient } from '../../control/control-client.ts'
import { HallpassError } from '../../contract/errors.ts'
import type { ReachedEngine } from './reached-engine.ts'

/** Reaches an engine that another process of this user runs on this home; null when there is none. */
export async function attachEngine(home: string, version: string): Promise<ReachedEngine | null> {
  if (!(await engineRuns(home))) return null
  const client = await connectControl({ home })
  const leaving = new AbortController()
  try {
    const life = await followLife(client, leaving.signal, version)
    return {
      place: 'attached',
      owner: client.api,
      ended: ended(life),
      close() {
        leaving.abort()
        client.close()
        return Promise.resolve()
      },
    }
  } catch (thrown) {
    client.close()
    throw thrown
  }
}

/** A stream that lasts as long as the engine does: the first that hears of its end. */
async function followLife(
  client: ControlClient,
  signal: AbortSignal,
  version: string,
): Promise<AsyncIterator<unknown>> {
  try {
    return await client.api.changes.follow(undefined, { signal })
  } catch (thrown) {
    const running = await client.api.status()
    if (running.version === version) throw thrown
    const versions = `The engine that runs is Hallpass ${running.version}, and this app is ${version}.`
    throw new HallpassError('UPSTREAM_ERROR', `${versions} Stop it or bring both to one version.`, { cause: thrown })
  }
}

async function ended(life: AsyncIterator<unknown>): Promise<string> {
  try {
    while ((await life.next()).done !== true);
  } catch {
    return 'The Hallpass engine broke off. Hallpass tries again by itself.'
  }
  return 'The Hallpass engine has ended. Hallpass tries again by itself.'
}
