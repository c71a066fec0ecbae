import { HallpassError } from '../../contract/errors.ts'
import type { SecretHome } from './secret-store.ts'

/** Used if secrets can't be stored anywhere. The engine still runs, and each use of a secret throws with the reason. */
export function createAbsentHome(reason: string, cause?: unknown): SecretHome {
  const refuse = (): Promise<never> => Promise.reject(new HallpassError('SECRET_UNAVAILABLE', reason, { cause }))
  return { kind: 'none', description: reason, get: refuse, set: refuse, delete: refuse, probe: refuse }
}
