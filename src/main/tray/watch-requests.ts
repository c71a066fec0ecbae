import { setTimeout as sleep } from 'node:timers/promises'
import { eachRow } from '../../contract/owner-api/log-events.ts'
import type { OwnerClient } from '../../control/control-client.ts'

const BUSY_MS = 5000

/**
 * Reports when requests come in and when none came for 5 s, until `signal` is aborted. While idle, waits for the next
 * row. Under load, reads every 5 s instead of every row.
 */
export async function watchRequests(
  owner: OwnerClient,
  tell: (busy: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await firstRow(owner, signal)
    if (signal.aborted) return
    tell(true)
    let last = Date.now()
    while (!signal.aborted && Date.now() - last < BUSY_MS) {
      await sleep(BUSY_MS - (Date.now() - last), undefined, { signal })
      const { last_request_at } = await owner.status()
      last = Math.max(last, last_request_at === null ? 0 : Date.parse(last_request_at))
    }
    tell(false)
  }
}

async function firstRow(owner: OwnerClient, signal: AbortSignal): Promise<void> {
  for await (const row of eachRow(await owner.requests.follow({}, { signal }))) {
    // Actions of the owner over the control socket, including this shell's, are not traffic.
    if (row.transport !== 'control') return
  }
}
