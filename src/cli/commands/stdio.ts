import { connectControl, engineRuns } from '../../control/control-client.ts'
import { homeFolder } from '../../control/home-folder.ts'
import { HallpassError } from '../../contract/errors.ts'
import { startDetachedEngine } from '../detached-engine.ts'

const LAST_WORDS_MS = 2000

/** MCP over stdio: nothing but protocol on stdout. Starts the engine when none runs; ends with stdin. */
export async function stdio(options: { project: string; as?: string }): Promise<void> {
  const home = homeFolder(process.env)
  if (!(await engineRuns(home))) await startDetachedEngine(home)
  const client = await connectControl({ home })
  const stream = await client.openStream(options.project, options.as)
  client.close()
  let inputEnded = false
  process.stdin.once('end', () => {
    inputEnded = true
    // Replies on their way are let through, but a client that hung up is not waited for.
    setTimeout(() => stream.destroy(), LAST_WORDS_MS).unref()
  })
  process.stdin.pipe(stream)
  stream.pipe(process.stdout, { end: false })
  const failure = await new Promise<Error | null>((resolve) => {
    stream.once('error', resolve)
    stream.once('close', () => resolve(null))
  })
  process.stdin.destroy()
  if (!inputEnded) throw new HallpassError('UPSTREAM_ERROR', 'The Hallpass engine closed the stream.', { cause: failure })
}
