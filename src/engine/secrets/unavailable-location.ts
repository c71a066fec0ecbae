import { HallpassError } from '../../contract/errors.ts'
import type { SecretLocation } from './secret-store.ts'

/** Used if secrets can't be stored anywhere. The engine still runs, and each use of a secret throws with the reason. */
export function createUnavailableLocation(reason: string, cause?: unknown): SecretLocation {
  const reject = (): Promise<never> => Promise.reject(new HallpassError('SECRET_UNAVAILABLE', reason, { cause }))
  return { kind: 'none', description: reason, get: reject, set: reject, delete: reject, probe: reject }
}
