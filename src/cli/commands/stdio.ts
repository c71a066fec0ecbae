import { connectControl, engineRuns } from '../../control/control-client.ts'
import { dataFolder } from '../../control/data-folder.ts'
import type { Installation } from '../../control/installation.ts'
import { HallpassError } from '../../contract/errors.ts'
import { startDetachedEngine } from '../detached-engine.ts'
import { standardInput } from '../standard-input.ts'

const FLUSH_MS = 2000

/** Serves MCP over stdio, with nothing but protocol on stdout. Starts the engine if none runs, and ends with stdin. */
export async function stdio(options: { project: string; as?: string }, installation?: Installation): Promise<void> {
  const home = dataFolder(process.env)
  if (!(await engineRuns(home))) await startDetachedEngine(home, installation?.engine)
  const client = await connectControl({ home })
  const stream = await client.openStream(options.project, options.as)
  client.close()
  const input = standardInput()
  let inputEnded = false
  input.once('end', () => {
    inputEnded = true
    // Responses on their way still arrive, but a client that is gone isn't waited for.
    setTimeout(() => stream.destroy(), FLUSH_MS).unref()
  })
  input.pipe(stream)
  stream.pipe(process.stdout, { end: false })
  const failure = await new Promise<Error | null>((resolve) => {
    stream.once('error', resolve)
    stream.once('close', () => resolve(null))
  })
  input.destroy()
  if (!inputEnded)
    throw new HallpassError('UPSTREAM_ERROR', 'The Hallpass engine closed the connection.', { cause: failure })
}
