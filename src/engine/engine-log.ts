import type { Changes } from './changes.ts'
import type { Clock } from './clock.ts'
import type { Closers } from './closers.ts'
import { createClientSightings, type ClientSightings } from './log/client-sightings.ts'
import { createRequestLog } from './log/create-request-log.ts'
import type { RequestHistory, RequestLog } from './log/request-log.ts'
import type { Metrics } from './operations/metrics.ts'
import { logRetention, type OwnerSettings } from './settings.ts'
import type { Store } from './store/store.ts'

/** Minimum time between announcements of clients, whose last use is shown within a second. */
const CLIENTS_INTERVAL_MS = 400

/** Opens the request log of an engine, with the observers of its rows. */
export function openEngineLog(parts: {
  store: Store
  clock: Clock
  settings: OwnerSettings
  changes: Changes
  metrics: Metrics | undefined
  closers: Closers
}): { log: RequestLog & RequestHistory; sightings: ClientSightings; onClients: () => void } {
  const { store, clock, settings, changes, metrics, closers } = parts
  const requestLog = createRequestLog({
    store,
    clock,
    strict: () => settings.current.log_mode === 'strict',
    retention: logRetention(settings),
    onRepeatedDenials: () => changes.announce(['attention']),
  })
  closers.add(() => requestLog.close())
  const onClients = (): void => changes.announce(['clients'], CLIENTS_INTERVAL_MS)
  const sightings = createClientSightings({ store, clock, onChange: onClients })
  closers.add(() => sightings.close())
  return { log: sightings.watching(metrics?.countIn(requestLog) ?? requestLog), sightings, onClients }
}
