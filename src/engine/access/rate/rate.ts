import { invalidRequest } from '../../../contract/errors.ts'
import type { RateLimit } from '../principal.ts'
import { quote } from '../sentences.ts'

export const DEFAULT_RATE: RateLimit = { requests: 6000, seconds: 60 }
const MOST_REQUESTS = 1_000_000_000
const RATE = /^([1-9]\d{0,9})\/([sm])$/

/** `100/s`, `600/m` or `none` (null). INVALID_REQUEST for anything else. */
export function parseRate(text: string): RateLimit {
  if (text === 'none') return null
  const [, digits, unit] = RATE.exec(text) ?? []
  const requests = Number(digits)
  if (digits === undefined || requests > MOST_REQUESTS) {
    throw invalidRequest(`rate: ${quote(text)} is not a rate; give 100/s, 600/m or none.`)
  }
  return { requests, seconds: unit === 's' ? 1 : 60 }
}
