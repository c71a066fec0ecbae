import { setTimeout as sleep } from 'node:timers/promises'

const EVERY_MS = 20

/** Waits until something holds, and throws what it waited for in vain. For what only shows from outside; inside, await the event. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain: ${what}.`)
    await sleep(EVERY_MS)
  }
}

/**
 * Lets everything that is ready in this process run, what it makes ready in turn included. Whatever has not begun by then waits
 * for something else than time.
 */
export async function drainEventLoop(turns = 100): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1)
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
}
