import type { Duplex } from 'node:stream'
import { connectControl, engineRuns } from '../../control/control-client.ts'
import { dataFolder } from '../../control/data-folder.ts'
import type { Installation } from '../../control/installation.ts'
import { startDetachedEngine } from '../detached-engine.ts'
import { standardInput } from '../standard-input.ts'
import { relayStdio } from '../stdio/relay.ts'

/**
 * Serves MCP over stdio, with only protocol messages on stdout. Starts the engine if none runs, reconnects if it
 * restarts, and ends with stdin.
 */
export async function stdio(options: { project: string; as?: string }, installation?: Installation): Promise<void> {
  const home = dataFolder(process.env)

  async function connect({ start }: { start: boolean }): Promise<Duplex | null> {
    if (!(await engineRuns(home))) {
      if (!start) return null
      await startDetachedEngine(home, installation?.engine)
    }
    const client = await connectControl({ home })
    try {
      return await client.openStream(options.project, options.as)
    } finally {
      client.close()
    }
  }

  await relayStdio({
    input: standardInput(),
    output: process.stdout,
    connect,
    report: (sentence) => process.stderr.write(`hallpass: ${sentence}\n`),
  })
}
