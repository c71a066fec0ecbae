import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { endWithThisProcess } from '../end-with-this-process.ts'

interface Gateway {
  url: string
  pid: number
  stop(): void
}

/** Starts the gateway of SDK parts in front of a URL or a script. */
export async function startGateway(target: string): Promise<Gateway> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'sdk-gateway.ts'), target], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  endWithThisProcess(child)
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { url: line.toString().trim(), pid: child.pid ?? 0, stop: () => void child.kill() }
}
