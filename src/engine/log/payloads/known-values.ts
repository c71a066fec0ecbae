import type { Clock } from '../../clock.ts'
import { createSecretScrubber, type SecretScrubber } from '../../egress/secret-scrubber.ts'

/** Returns the secrets of a project's connections. Throws if those of this connection can't be read. */
export type SecretsOf = (projectId: number, connection: string | null) => Promise<readonly string[]>

/** A secret that was replaced is masked this long, in milliseconds, because calls may have begun before. */
const FORMER_MS = 3_600_000

interface Known {
  /** When each value was last in use. */
  values: Map<string, number>
  scrubber: SecretScrubber | null
}

/** Builds scrubbers for the secrets of projects. Building one takes longer than a call, so each is used again. */
export function createKnownValues(
  clock: Pick<Clock, 'monotonic'>,
  secretsOf: SecretsOf,
): {
  scrubber(projectId: number, connection: string | null): Promise<SecretScrubber | null>
  /** Drops the secrets of deleted projects. */
  keepOnly(projectIds: ReadonlySet<number>): void
} {
  const projects = new Map<number, Known>()
  return {
    async scrubber(projectId, connection) {
      const current = await secretsOf(projectId, connection)
      const now = clock.monotonic()
      const known = projects.get(projectId) ?? { values: new Map<string, number>(), scrubber: null }
      projects.set(projectId, known)
      const before = known.values.size
      const isNew = current.some((value) => !known.values.has(value))
      for (const value of current) known.values.set(value, now)
      for (const [value, at] of known.values) if (now - at > FORMER_MS) known.values.delete(value)
      if (isNew || known.values.size !== before) known.scrubber = createSecretScrubber([...known.values.keys()])
      return known.scrubber
    },
    keepOnly(projectIds) {
      for (const id of projects.keys()) if (!projectIds.has(id)) projects.delete(id)
    },
  }
}
