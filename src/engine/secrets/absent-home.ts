import { HallpassError } from '../../contract/errors.ts'
import type { SecretHome } from './secret-store.ts'

/** Stands where no home can be had: the engine runs on, and whoever needs a secret reads why there is none. */
export function createAbsentHome(reason: string, cause?: unknown): SecretHome {
  const refuse = (): Promise<never> => Promise.reject(new HallpassError('SECRET_UNAVAILABLE', reason, { cause }))
  return { kind: 'none', description: reason, get: refuse, set: refuse, delete: refuse, probe: refuse }
}
