import { t } from '../../contract/text/translate.ts'
import { connectControl, engineRuns, type ControlClient } from '../../control/control-client.ts'
import { HallpassError } from '../../contract/errors.ts'
import type { ReachedEngine } from './reached-engine.ts'

/** Connects to the engine that another process of this user runs on this data folder. Returns null if there is none. */
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
      flushLog: () => undefined,
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

/** Opens a stream that lasts as long as the engine, to notice immediately when it stops. */
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
    const versions = `${running.version}; this app is ${version}`
    throw new HallpassError(
      'UPSTREAM_ERROR',
      `A different version of Hallpass is running (${versions}). Quit it, or update both to the same version.`,
      { cause: thrown, reason: 'version_differs' },
    )
  }
}

async function ended(life: AsyncIterator<unknown>): Promise<string> {
  try {
    while ((await life.next()).done !== true);
  } catch {
    return t`Lost the connection to Hallpass. Reconnecting…`
  }
  return t`Hallpass has stopped. Reconnecting…`
}
