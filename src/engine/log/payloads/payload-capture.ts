import { MAX_PAYLOAD_BYTES } from '../../../contract/request-details.ts'

/** Bytes collected beyond the stored ones, so that a secret at the end is complete when it is masked. */
const MARGIN = 8192

/** The beginning of one direction of a call, as it passes through Hallpass. */
export class CapturedPart {
  head: string | null = null
  bytes = 0
  #held = 0
  readonly #pieces: Buffer[] = []

  add(piece: string | Uint8Array): void {
    this.bytes += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.byteLength
    const free = MAX_PAYLOAD_BYTES + MARGIN - this.#held
    if (free <= 0) return
    // A copy, because the buffers of a connection are used again. No character is shorter than a byte.
    const copy = Buffer.from(typeof piece === 'string' ? piece.slice(0, free) : piece.subarray(0, free))
    this.#held += copy.length
    this.#pieces.push(copy)
  }

  get body(): Buffer {
    return Buffer.concat(this.#pieces)
  }

  /** Number of bytes in memory. */
  get held(): number {
    return this.#held + (this.head?.length ?? 0)
  }
}

/** What one call sends and gets. */
export interface PayloadCapture {
  readonly request: CapturedPart
  readonly response: CapturedPart
  /** Call it once the call has ended. */
  end(rowId: number): void
}
