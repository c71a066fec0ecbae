import { constants, type Stats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { FileStamps } from './file-stamps.ts'
import { LONGEST_SECRET_BYTES, secretOf } from './secret-value.ts'
import type { Secret } from './secret.ts'

export type Reference = { kind: 'env'; name: string } | { kind: 'file'; path: string }
export type Environment = Readonly<Record<string, string | undefined>>

/** Parses `env:NAME` or `file:PATH`. Throws INVALID_REQUEST for anything else. */
export function parseReference(text: string): Reference {
  if (text.startsWith('env:')) {
    const name = text.slice('env:'.length)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw invalidReference('an environment variable name contains only letters, digits and _')
    // The vault key and other settings of Hallpass must never be sent to an upstream.
    if (name.toUpperCase().startsWith('HALLPASS_'))
      throw invalidReference("a variable of Hallpass can't be used as a connection's secret")
    return { kind: 'env', name }
  }
  if (text.startsWith('file:')) {
    const path = text.slice('file:'.length)
    // The engine may run in another folder than the one where the reference was written.
    if (!isAbsolute(path) || path.includes('\0')) throw invalidReference('use an absolute path after file:')
    return { kind: 'file', path }
  }
  throw invalidReference('use env:NAME or file:PATH')
}

/** Caches secrets until their file or variable changes. */
export function createReferences(
  environment: Environment,
  stamps: FileStamps,
): (reference: Reference, fresh?: boolean) => Promise<Secret> {
  const stored = new Map<string, { stamp: string; secret: Secret }>()
  const variables = new Map<string, { value: string; secret: Secret }>()

  async function fromVariable(reference: Reference & { kind: 'env' }): Promise<Secret> {
    const { name } = reference
    const known = variables.get(name)
    if (known !== undefined && environment[name] === known.value) return known.secret
    const secret = await resolveReference(reference, environment)
    const value = environment[name]
    if (value !== undefined) variables.set(name, { value, secret })
    return secret
  }

  return async (reference, fresh = false) => {
    if (reference.kind === 'env') return fromVariable(reference)
    const { path } = reference
    const stamp = fresh ? stamps.fresh(path) : stamps.of(path)
    const known = stored.get(path)
    if (known !== undefined && known.stamp === stamp) return known.secret
    stored.delete(path)
    const secret = await resolveReference(reference, environment)
    if (stamp !== null && stamps.fresh(path) === stamp) stored.set(path, { stamp, secret })
    return secret
  }
}

/** Reads the referenced secret now. Throws SECRET_UNAVAILABLE with a sentence that doesn't contain the path. */
export async function resolveReference(reference: Reference, environment: Environment): Promise<Secret> {
  if (reference.kind === 'file')
    return secretOf(withoutLastBreak(await readSecretFile(reference.path)), "The secret in the connection's file")
  const value = Object.hasOwn(environment, reference.name) ? environment[reference.name] : undefined
  const what = `Environment variable ${reference.name}`
  if (value === undefined)
    throw new HallpassError(
      'SECRET_UNAVAILABLE',
      `${what} isn't set for the Hallpass engine. Set it, then restart Hallpass.`,
    )
  return secretOf(withoutLastBreak(value), what)
}

async function readSecretFile(path: string): Promise<string> {
  let handle: FileHandle
  try {
    // Non-blocking, because opening a pipe without a writer would wait forever.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (cause) {
    throw new HallpassError('SECRET_UNAVAILABLE', "The secret's file is missing or can't be read.", { cause })
  }
  try {
    // Checks the handle, not the path, so that the checked file is the one that is read.
    const problem = fileProblem(await handle.stat())
    if (problem !== null) throw new HallpassError('SECRET_UNAVAILABLE', `The secret's file ${problem}.`)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

/** Returns why the file isn't trusted with a secret, or null. */
function fileProblem(stats: Stats): string | null {
  if (!stats.isFile()) return "isn't a regular file"
  if (stats.size > LONGEST_SECRET_BYTES) return `is larger than ${LONGEST_SECRET_BYTES} bytes`
  // Windows stores owner and permissions in access lists, which Node doesn't expose.
  if (process.getuid === undefined) return null
  // Files of root are accepted, because secrets of containers commonly belong to root.
  if (stats.uid !== process.getuid() && stats.uid !== 0) return 'belongs to another user'
  if ((stats.mode & 0o022) !== 0) return 'can be written by other users (fix it with chmod go-w)'
  return null
}

function withoutLastBreak(text: string): string {
  return text.replace(/\r?\n$/, '')
}

function invalidReference(why: string): HallpassError {
  return invalidRequest(`Invalid secret reference: ${why}.`, 'secret')
}
