import { setTimeout as sleep } from 'node:timers/promises'

const EVERY_MS = 20

/** Waits until a condition is true, and otherwise throws its name. Only for conditions without an event that could be awaited. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain: ${what}.`)
    await sleep(EVERY_MS)
  }
}

/**
 * Runs everything that is ready in this process, including follow-up work. Work that has not begun by then waits
 * for something other than time.
 */
export async function drainEventLoop(turns = 100): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1)
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
}
