import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts a thread of the store. `name` is the file of its code, without an extension, in the folder of the module `from`, or
 * beside it in the bundle, whose files all lie flat. The thread doesn't keep the process alive.
 */
export function startThread(name: string, from: string, options: WorkerOptions): Worker {
  const entry = new URL(`./${name}.${from.endsWith('.ts') ? 'ts' : 'js'}`, from)
  // An empty environment, so that it contains no secret.
  const started = new Worker(entry, { env: {}, execArgv: [], ...options })
  started.unref()
  return started
}
