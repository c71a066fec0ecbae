import type { IncomingMessage } from 'node:http'
import { HallpassError } from '../../contract/errors.ts'
import { isDoubled } from './front-door.ts'

export type Credential = { kind: 'bearer'; token: string } | { kind: 'missing' } | { kind: 'malformed' }

/** Two Authorization headers are always invalid, because it's unclear which one was meant. */
export function readCredential(request: IncomingMessage): Credential {
  const header = request.headers.authorization
  if (header === undefined) return { kind: 'missing' }
  const token = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i.exec(header)?.[1]
  return token === undefined || isDoubled(request, 'authorization') ? { kind: 'malformed' } : { kind: 'bearer', token }
}

export function credentialError(credential: Credential): HallpassError {
  return new HallpassError(
    'INVALID_TOKEN',
    credential.kind === 'missing'
      ? 'Missing token. Send the header "Authorization: Bearer <token>".'
      : 'Invalid Authorization header. Send exactly one "Authorization: Bearer <token>".',
  )
}
