import { setImmediate as turn } from 'node:timers/promises'
import { MAX_PAYLOAD_BYTES, type PayloadPart } from '../../../contract/request-details.ts'
import type { SecretScrubber } from '../../egress/secret-scrubber.ts'
import type { CapturedPart } from './payload-capture.ts'
import { tokenSpans } from './token-forms.ts'

/** How much is searched for secrets between two turns of the event loop, so that other calls continue. */
const SLICE = 16 * 1024

/** Returns what may be stored of one direction of a call: text without secrets and tokens. */
export async function maskedPart(part: CapturedPart, scrubber: SecretScrubber | null): Promise<PayloadPart> {
  const { head, bytes } = part
  const captured = part.body
  const isWhole = captured.length === bytes
  const clean = maskTokens(await maskSecrets(captured, isWhole, scrubber))
  const shown = clean.subarray(0, MAX_PAYLOAD_BYTES)
  const cut = shown.length < bytes
  const body = decoded(shown, cut)
  return {
    head: head === null ? null : await maskedText(head, scrubber),
    body: body ?? '',
    bytes,
    cut: cut && body !== null,
    binary: body === null,
  }
}

async function maskedText(text: string, scrubber: SecretScrubber | null): Promise<string> {
  return maskTokens(await maskSecrets(Buffer.from(text), true, scrubber)).toString('utf8')
}

/** Leaves out the end of an incomplete text if it could be the beginning of a secret. */
async function maskSecrets(bytes: Buffer, isWhole: boolean, scrubber: SecretScrubber | null): Promise<Buffer> {
  if (scrubber === null) return bytes
  const stream = scrubber.stream()
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += SLICE) {
    if (at > 0) await turn()
    pieces.push(stream.push(bytes.subarray(at, at + SLICE)))
  }
  if (isWhole) pieces.push(stream.end())
  return Buffer.concat(pieces)
}

function maskTokens(bytes: Buffer): Buffer {
  const spans = tokenSpans(bytes)
  if (spans.length === 0) return bytes
  const clean = Buffer.from(bytes)
  for (const [from, to] of spans) clean.fill('*', from, to)
  return clean
}

/** Longest sequence of bytes for one character, less one. */
const SPLIT_CHARACTER = 3

/** Returns null for anything but UTF-8, which could contain a secret in an unrecognizable form, such as compressed. */
function decoded(bytes: Buffer, isCut: boolean): string | null {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for (let less = 0; less <= (isCut ? SPLIT_CHARACTER : 0); less += 1) {
    try {
      return decoder.decode(bytes.subarray(0, bytes.length - less))
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown
    }
  }
  return null
}
