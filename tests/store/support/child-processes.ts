import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Child {
  pid: number
  /** Whole lines that the child printed so far. */
  lines: string[]
  /** Resolves when the child has printed this many lines, or ended. */
  printed(count: number): Promise<void>
  /** SIGKILL; resolves when it is gone and all its output is read. */
  kill(): Promise<void>
  ended: Promise<void>
}

/** Runs a script of tests/ with the Node that runs the tests. */
export function startChild(script: string, parameters: string[]): Child {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, '..', '..', script), ...parameters], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  let wake = (): void => undefined
  let over = false
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    lines.push(line)
    wake()
  })
  const ended = once(child, 'close').then(() => {
    over = true
    wake()
  })
  return {
    pid: child.pid as number,
    lines,
    async printed(count) {
      while (lines.length < count && !over)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    ended,
  }
}
