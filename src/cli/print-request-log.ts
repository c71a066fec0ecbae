import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { createRouterClient } from '@orpc/server'
import { HallpassError } from '../contract/errors.ts'
import { rowsOf } from '../contract/owner-api/log-events.ts'
import type { Engine } from '../engine/engine.ts'

/** Prints one JSON object per line, for a log collector. */
export function printEvent(output: Writable, event: string, fields: object): boolean {
  return output.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`)
}

/**
 * Prints every request as it ends, as one JSON object per line with the fields of the log, until the signal aborts. A
 * reader that stops reading holds up nobody: requests that it missed are only in the log, which a line says.
 */
export async function printRequestLog(
  engine: Pick<Engine, 'ownerRouter'>,
  output: Writable,
  signal: AbortSignal,
): Promise<void> {
  const { requests } = createRouterClient(engine.ownerRouter)
  while (!signal.aborted) {
    try {
      for await (const event of await requests.follow({}, { signal })) {
        if (event.skipped > 0) {
          const message = `${event.skipped} requests are missing here, but are in the log: the output is read too slowly.`
          printEvent(output, 'notice', { message })
        }
        for (const row of rowsOf(event)) {
          if (row.status === null) continue
          if (!printEvent(output, 'request', row)) await once(output, 'drain', { signal })
        }
      }
      return
    } catch (thrown) {
      if (signal.aborted) return
      const message = thrown instanceof HallpassError || thrown instanceof Error ? thrown.message : String(thrown)
      printEvent(output, 'notice', { message: `Requests are missing here, but are in the log: ${message}` })
    }
  }
}
