import { setImmediate as turn } from 'node:timers/promises'
import type { Payload } from '../../../contract/request-details.ts'
import type { Clock } from '../../clock.ts'
import type { Store } from '../../store/store.ts'
import type { NewPayload } from '../../store/requests/payload-store.ts'
import { createKnownValues, type SecretsOf } from './known-values.ts'
import { maskedPart } from './mask-payload.ts'
import { CapturedPart, type PayloadCapture } from './payload-capture.ts'

/** Records the payloads of projects whose owner turned that on. */
export interface PayloadRecorder {
  /** Returns null for a project that doesn't record, at no cost. */
  begin(project: { id: number }, connection: string | null): PayloadCapture | null
  /** Returns null for a payload that wasn't recorded, or whose recording period is over. */
  read(id: number): Payload | null
  /** Reads from the store which projects record. Call it whenever that may have changed. */
  reload(): void
  close(): Promise<void>
}

interface PayloadRecorderOptions {
  store: Pick<Store, 'payloads' | 'read'>
  clock: Clock
  /** Returns the secrets of a project's connections. Throws if those of the called connection can't be read. */
  secretsOf: SecretsOf
  /** Writes the rows that payloads belong to. */
  flushRows: () => void
  /** Called with the rows whose payloads are stored. */
  onStored: (ids: readonly number[]) => Promise<void>
  onError: (error: unknown) => void
}

/** Payloads are stored this long after the first, in milliseconds. */
const BATCH_DELAY = 100
/** Payloads in one transaction, so that writing them delays no call. */
const MAX_BATCH = 8
const PRUNE_EVERY = 30_000
/** Pause between slices of a few milliseconds, so that requests are served. */
const PRUNE_PAUSE = 10
/** Memory for payloads that aren't stored yet. Beyond it, payloads are not recorded. */
const MAX_PENDING_BYTES = 32 * 1024 * 1024

interface Pending {
  id: number
  projectId: number
  connection: string | null
  recordedAt: number
  request: CapturedPart
  response: CapturedPart
}

export function createPayloadRecorder(options: PayloadRecorderOptions): PayloadRecorder {
  const { store, clock, onError } = options
  /** When recording ends, by project. */
  const recording = new Map<number, number>()
  const known = createKnownValues(clock, options.secretsOf)
  let pending: Pending[] = []
  let pendingBytes = 0
  let timer: NodeJS.Timeout | null = null
  let pruning: NodeJS.Timeout | null = null
  let working: Promise<void> | null = null
  let closed = false

  function reload(): void {
    const before = JSON.stringify([...recording])
    recording.clear()
    const now = clock.now()
    const projects = store.read.projects()
    for (const { id, payloads_until: until } of projects) if (until !== null && until > now) recording.set(id, until)
    known.keepOnly(new Set(projects.map(({ id }) => id)))
    // Called for many changes that don't concern payloads.
    if (pruning === null || JSON.stringify([...recording]) !== before) schedulePrune(PRUNE_PAUSE)
  }

  function schedulePrune(delay: number): void {
    if (pruning !== null) clearTimeout(pruning)
    if (!closed) pruning = setTimeout(prune, delay).unref()
  }

  function prune(): void {
    let removed = 0
    try {
      removed = store.payloads.prune(clock.now())
    } catch (thrown) {
      // Retried later. They can't be read meanwhile.
      onError(thrown)
    }
    schedulePrune(removed > 0 ? PRUNE_PAUSE : PRUNE_EVERY)
  }

  /** Masks and stores what is pending. Whatever fails is not recorded, which affects no request. */
  async function storePending(): Promise<void> {
    const batch = pending
    pending = []
    const masked: NewPayload[] = []
    for (const one of batch) {
      const { id, projectId, recordedAt } = one
      try {
        const scrubber = await known.scrubber(projectId, one.connection)
        await turn()
        const request = await maskedPart(one.request, scrubber)
        await turn()
        const response = await maskedPart(one.response, scrubber)
        masked.push({ id, projectId, recordedAt, payload: { request, response } })
      } catch (thrown) {
        onError(thrown)
      }
      pendingBytes -= sizeOf(one)
      if (masked.length >= MAX_BATCH) await write(masked.splice(0))
    }
    await write(masked)
  }

  async function write(masked: readonly NewPayload[]): Promise<void> {
    const allowed = masked.filter(({ projectId }) => isRecording(projectId))
    if (allowed.length === 0) return
    try {
      options.flushRows()
      await options.onStored(store.payloads.write(allowed))
    } catch (thrown) {
      onError(thrown)
    }
  }

  function isRecording(projectId: number): boolean {
    return (recording.get(projectId) ?? 0) > clock.now()
  }

  function schedule(): void {
    if (timer !== null || working !== null || closed) return
    timer = setTimeout(() => {
      timer = null
      working = storePending().finally(() => {
        working = null
        if (pending.length > 0) schedule()
      })
    }, BATCH_DELAY)
  }

  reload()
  return {
    begin(project, connection) {
      if (recording.size === 0 || !isRecording(project.id) || closed) return null
      // Before the call, because a sign-in can replace the secret during it.
      known.scrubber(project.id, connection).catch(() => undefined)
      const request = new CapturedPart()
      const response = new CapturedPart()
      return {
        request,
        response,
        end(rowId) {
          const one = { id: rowId, projectId: project.id, connection, recordedAt: clock.now(), request, response }
          if (pendingBytes + sizeOf(one) > MAX_PENDING_BYTES) return
          pendingBytes += sizeOf(one)
          pending.push(one)
          schedule()
        },
      }
    },
    read: (id) => store.payloads.read(id, clock.now()),
    reload,
    async close() {
      closed = true
      if (timer !== null) clearTimeout(timer)
      if (pruning !== null) clearTimeout(pruning)
      await working
      await storePending()
    },
  }
}

function sizeOf({ request, response }: Pending): number {
  return request.held + response.held
}
