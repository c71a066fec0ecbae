import { randomUUID } from 'node:crypto'

/** The caller's own id when it is one that can go into a header and a log as it stands, else a new one. */
export function requestIdFrom(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(header) ? header : randomUUID()
}
