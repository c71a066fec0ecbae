import { randomUUID } from 'node:crypto'

/** Returns the caller's request ID if it is safe for headers and logs, otherwise a new one. */
export function requestIdFrom(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(header) ? header : randomUUID()
}
