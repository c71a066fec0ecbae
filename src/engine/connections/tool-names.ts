import { createHash } from 'node:crypto'

/** The longest name that every client and model provider takes. */
export const LONGEST_TOOL_NAME = 64

const HASH_LENGTH = 8
const PLAIN = /^[A-Za-z0-9_-]+$/
/** A name that looks hashed already is hashed as well, so that no upstream can choose a name that hashing gives to another. */
const LOOKS_HASHED = /_[0-9a-f]{8}$/

/**
 * Name of an upstream's tool, operation, prompt or the like among those of all connections: `{connection}__{name}`. One that
 * is longer than 64 characters, or holds others than A–Z, a–z, 0–9, "_" and "-", is cut and cleaned, and ends in "_" and a
 * hash of the whole. A connection's name has no underscore, so two connections never share a name.
 */
export function namespacedName(connection: string, name: string): string {
  const whole = `${connection}__${name}`
  if (whole.length <= LONGEST_TOOL_NAME && PLAIN.test(name) && !LOOKS_HASHED.test(whole)) return whole
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_LENGTH)
  const room = LONGEST_TOOL_NAME - HASH_LENGTH - 1
  return `${whole.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, room)}_${hash}`
}
