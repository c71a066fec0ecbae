import { createHash } from 'node:crypto'

/** The longest name that every client and model provider takes. */
export const LONGEST_TOOL_NAME = 64

const HASH_LENGTH = 8
/** Of a connection's name, so that its tools' own names are still to be told. */
const LONGEST_PREFIX = 40
const PLAIN = /^[A-Za-z0-9_-]+$/
/** A name that looks hashed already is hashed as well, so that no upstream can choose a name that hashing gives to another. */
const LOOKS_HASHED = /_[0-9a-f]{8}$/

/**
 * Name of an upstream's tool, operation, prompt or the like among those of all connections: `{connection}__{name}`. One that
 * is longer than 64 characters, or holds others than A–Z, a–z, 0–9, "_" and "-", is cut and cleaned, and ends in "_" and a
 * hash of the whole. A connection's name has no underscore, so two connections never share a name.
 */
export function namespacedName(connection: string, name: string): string {
  const shown = `${prefixOf(connection)}__${name}`
  if (shown.length <= LONGEST_TOOL_NAME && PLAIN.test(name) && !LOOKS_HASHED.test(shown)) return shown
  const room = LONGEST_TOOL_NAME - HASH_LENGTH - 1
  return `${shown.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, room)}_${hashOf(`${connection}__${name}`)}`
}

/** Which of these connections a joined name belongs to, and what it begins with. Both null for a name that is not joined. */
export function connectionOfName(
  name: string,
  connections: Iterable<string>,
): { connection: string | null; prefix: string | null } {
  const cut = name.indexOf('__')
  if (cut <= 0) return { connection: null, prefix: null }
  const prefix = name.slice(0, cut)
  for (const connection of connections) if (prefixOf(connection) === prefix) return { connection, prefix }
  return { connection: null, prefix }
}

/** A long connection name is cut where it stands, not with the tool's: the way back from a name must find it. */
function prefixOf(connection: string): string {
  if (connection.length <= LONGEST_PREFIX) return connection
  return `${connection.slice(0, LONGEST_PREFIX - HASH_LENGTH - 1)}_${hashOf(connection)}`
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH)
}
