import { createHash } from 'node:crypto'

/**
 * Maximum length of a client's entry for Hallpass. Clients prefix every tool's name with it: Cursor drops tools with
 * more than 60 characters in total, and Gemini CLI truncates names to 63, five of which are `mcp_` and `_`.
 */
export const LONGEST_ENTRY_NAME = 11
export const LONGEST_TOOL_NAME = 47

const HASH_LENGTH = 8
/** Maximum length of a connection's name in it, so that its tools' names remain distinguishable. */
const LONGEST_PREFIX = 20
const PLAIN = /^[A-Za-z0-9_-]+$/
/** A name that already looks hashed is hashed too, so that no upstream can choose the hashed name of another. */
const LOOKS_HASHED = /_[0-9a-f]{8}$/

/**
 * Returns the name of an upstream's tool, operation, prompt or the like among all connections: `{connection}__{name}`.
 * A name longer than 47 characters, or with characters other than A–Z, a–z, 0–9, "_" and "-", is cleaned, truncated and
 * ends in "_" and a hash of the original. Connection names have no underscore, so names of two connections never
 * collide.
 */
export function namespacedName(connection: string, name: string): string {
  const shown = `${prefixOf(connection)}__${name}`
  if (shown.length <= LONGEST_TOOL_NAME && PLAIN.test(name) && !LOOKS_HASHED.test(shown)) return shown
  const maxLength = LONGEST_TOOL_NAME - HASH_LENGTH - 1
  return `${shown.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, maxLength)}_${hashOf(`${connection}__${name}`)}`
}

/** Returns which of these connections a joined name belongs to, and its prefix. Both are null for other names. */
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

/** A long connection name is truncated separately, so that the connection can be found from the name. */
function prefixOf(connection: string): string {
  if (connection.length <= LONGEST_PREFIX) return connection
  return `${connection.slice(0, LONGEST_PREFIX - HASH_LENGTH - 1)}_${hashOf(connection)}`
}

/** Returns a short hash that distinguishes truncated names. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH)
}
