import { releaseMemory } from '../release-memory.ts'

/**
 * Messages between the engine and a worker on a pipe: flags, two lengths, the message as JSON, then its bytes
 * unchanged. Bytes and long texts are the larger part of the traffic, and neither is copied or escaped.
 */
const HEAD = 9

/** Bits of the first byte: what the JSON is followed by, and whether it holds bigints. */
const BYTES = 1
const TEXT = 2
const BIGINTS = 4

/** The largest response is 32 MiB of characters, each of at most three bytes. */
const MAX_BYTES = 128 * 1024 * 1024
const MAX_JSON = 16 * 1024 * 1024

/** A text up to this length is joined with what is before it, because one write costs more than copying it. */
const SHORT_TEXT = 16 * 1024

/** From this size on, the memory of a message is freed once it is read. */
const RELEASED_BYTES = 16 * 1024

/** The other side sent bytes that are no message. */
class MalformedFrame extends Error {}

interface Framed {
  kind: string
  bytes?: Uint8Array
  data?: unknown
}

/** Returns the parts to write, in order. Throws a RangeError for values that are nested too deeply. */
export function frameOf(message: Framed): Uint8Array[] {
  const { bytes, data, ...rest } = message
  if (bytes !== undefined) return [headOf(rest, BYTES, bytes.byteLength), bytes]
  if (typeof data !== 'string') return [headOf(message, 0, 0)]
  if (data.length > SHORT_TEXT) {
    const text = Buffer.from(data)
    return [headOf(rest, TEXT, text.byteLength), text]
  }
  const bytesOfText = Buffer.byteLength(data)
  const whole = headOf(rest, TEXT, bytesOfText, bytesOfText)
  whole.write(data, whole.length - bytesOfText)
  return [whole]
}

/** `spareBytes` are left free at the end. */
function headOf(message: object, follows: number, followingBytes: number, spareBytes = 0): Buffer {
  const { json, hasBigints } = jsonOf(message)
  const length = Buffer.byteLength(json)
  const head = Buffer.allocUnsafe(HEAD + length + spareBytes)
  head.writeUInt8(follows | (hasBigints ? BIGINTS : 0), 0)
  head.writeUInt32LE(length, 1)
  head.writeUInt32LE(followingBytes, 5)
  head.write(json, HEAD)
  return head
}

/** With bigints, each of them is a string that starts with n, and each string starts with s. A number remains a number. */
function jsonOf(message: object): { json: string; hasBigints: boolean } {
  try {
    return { json: JSON.stringify(message), hasBigints: false }
  } catch (thrown) {
    // Bigints are rare, and a replacer would slow down all other messages.
    if (!(thrown instanceof TypeError)) throw thrown
    const json = JSON.stringify(message, (_key, value: unknown) =>
      typeof value === 'bigint' ? `n${value}` : typeof value === 'string' ? `s${value}` : value,
    )
    return { json, hasBigints: true }
  }
}

/**
 * Returns a function that takes what arrives and calls `onMessage` for each whole message. It takes over the memory of what it
 * gets. It throws MalformedFrame.
 */
export function createFrameReader(onMessage: (message: object) => void): (chunk: Buffer) => void {
  let held: Buffer[] = []
  let size = 0
  let wanted = HEAD

  return (chunk) => {
    held.push(chunk)
    size += chunk.length
    // Joined only once all of a message is there, so that a large one is copied once.
    while (size >= wanted) {
      const whole = joined(held, size)
      held = [whole]
      const json = whole.readUInt32LE(1)
      const following = whole.readUInt32LE(5)
      if (json > MAX_JSON || following > MAX_BYTES) throw new MalformedFrame('A message is too large.')
      wanted = HEAD + json + following
      if (size < wanted) return
      const flags = whole.readUInt8(0)
      const message = parsed(whole.toString('utf8', HEAD, HEAD + json), (flags & BIGINTS) !== 0)
      if ((flags & TEXT) !== 0) message['data'] = whole.toString('utf8', HEAD + json, wanted)
      // A copy, so that the receiver can free their memory.
      if ((flags & BYTES) !== 0) message['bytes'] = Buffer.from(whole.subarray(HEAD + json, wanted))
      const rest = whole.subarray(wanted)
      held = rest.length === 0 ? [] : [following < RELEASED_BYTES ? rest : Buffer.from(rest)]
      if (following >= RELEASED_BYTES) releaseMemory(whole)
      size -= wanted
      wanted = HEAD
      onMessage(message)
    }
  }
}

function joined(parts: Buffer[], size: number): Buffer {
  if (parts.length === 1) return parts[0] as Buffer
  const whole = Buffer.concat(parts, size)
  for (const part of parts) releaseMemory(part)
  return whole
}

function parsed(json: string, hasBigints: boolean): Record<string, unknown> {
  let value: unknown
  try {
    value = hasBigints ? JSON.parse(json, withBigints) : JSON.parse(json)
  } catch (cause) {
    throw new MalformedFrame('A message is not JSON.', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedFrame('A message is not an object.')
  return value as Record<string, unknown>
}

function withBigints(_key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  return value.startsWith('n') ? BigInt(value.slice(1)) : value.slice(1)
}
