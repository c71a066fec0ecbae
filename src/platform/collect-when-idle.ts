import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Share of one processor below which this process counts as idle. */
const IDLE_SHARE = 0.02

/**
 * Collects garbage once after each time of work, as soon as this process is idle. V8 returns memory to the system only after a
 * collection, and without requests there is none, so an idle engine would keep what its start or its last load used. Short breaks
 * don't count, because what it frees would be needed again.
 */
export function collectWhenIdle({ everyMs = 30_000, minWorkMs = 200 } = {}): void {
  // Electron's flags are part of a sealed configuration.
  if (process.versions['electron'] !== undefined) return
  let collectedAt = 0
  let before = cpuMs()
  setInterval(() => {
    const now = cpuMs()
    const isIdle = now - before < everyMs * IDLE_SHARE
    before = now
    if (!isIdle || now - collectedAt < minWorkMs) return
    setFlagsFromString('--expose-gc')
    // Only contexts that are created while the flag is set have the function.
    const collect = runInNewContext('gc') as () => void
    setFlagsFromString('--no-expose-gc')
    collect()
    // The collection itself isn't work.
    before = cpuMs()
    collectedAt = before
  }, everyMs).unref()
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
