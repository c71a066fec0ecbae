const MASK = 0x2a

/** Bytes from `from` up to `to`, which belong to something to mask. */
export type Span = [from: number, to: number]

export interface StreamScrubber {
  /** Returns what can be sent now: possibly nothing, or the same buffer. */
  push(piece: Buffer): Buffer
  /** Returns what was held back. */
  end(): Buffer
}

/**
 * Masks spans of a body that comes in pieces, the same bytes however it is cut. `beginningAt` returns where the first incomplete span may
 * begin, or the length if there is none: from there on bytes are held back.
 */
export function createMaskingStream(
  spansIn: (bytes: Buffer) => Span[],
  beginningAt: (bytes: Buffer) => number,
): StreamScrubber {
  let held: Buffer | null = null
  /** How many of the bytes held belong to a span that began before them. */
  let covered = 0

  function take(whole: Buffer, upTo: number): Buffer {
    const spans = spansIn(whole)
    if (covered > 0) spans.push([0, covered])
    if (upTo > 0) covered = Math.max(0, ...spans.map(([from, to]) => (from < upTo ? to - upTo : 0)))
    return masked(whole.subarray(0, upTo), spans)
  }

  return {
    push(piece) {
      const whole = held === null ? piece : Buffer.concat([held, piece])
      const keep = beginningAt(whole)
      const clean = take(whole, keep)
      // A copy, because the piece may be reused. It is held unmasked: what is complete now may be the beginning of a longer one.
      held = keep === whole.length ? null : Buffer.from(whole.subarray(keep))
      return clean
    },
    end() {
      const last = held ?? Buffer.alloc(0)
      held = null
      return take(last, last.length)
    },
  }
}

/** Masks a copy, and only if there is something to mask. */
function masked(bytes: Buffer, spans: readonly Span[]): Buffer {
  const within = spans.filter(([from]) => from < bytes.length)
  if (within.length === 0) return bytes
  const clean = Buffer.from(bytes)
  for (const [from, to] of within) clean.fill(MASK, from, Math.min(to, clean.length))
  return clean
}
