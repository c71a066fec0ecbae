import type { Clock } from '../clock.ts'
import { createPayloadRecorder, type PayloadRecorder } from '../log/payloads/payload-recorder.ts'
import type { RequestLog } from '../log/request-log.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { Store } from '../store/store.ts'
import { secretsOfProject } from './stored-secrets.ts'

/** Creates the recorder of an engine, which masks the secrets of its connections. */
export function recordPayloads(parts: {
  store: Store
  secrets: SecretStore
  clock: Clock
  log: Pick<RequestLog, 'flush' | 'payloadsStored'>
  onError: (error: unknown) => void
}): PayloadRecorder {
  const { log, store, clock, onError } = parts
  return createPayloadRecorder({
    store,
    clock,
    onError,
    secretsOf: (projectId, called) => secretsOfProject(parts, projectId, called),
    flushRows: () => log.flush(),
    onStored: (ids) => log.payloadsStored(ids),
  })
}
