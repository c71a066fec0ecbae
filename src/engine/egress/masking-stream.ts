const MASK = 0x2a

/** Bytes to mask, from `from` up to but not including `to`. */
export type Span = [from: number, to: number]

export interface StreamScrubber {
  /** Returns the bytes that can be sent now: possibly none, or the same buffer. */
  push(piece: Buffer): Buffer
  /** Returns the bytes that were held back. */
  end(): Buffer
}

/**
 * Masks spans of a body that arrives in chunks. The result doesn't depend on where the chunks are split. `beginningAt` returns the start of
 * the first span that may be incomplete, or the length if there isn't one. Bytes from there on are held back.
 */
export function createMaskingStream(
  spansIn: (bytes: Buffer) => Span[],
  beginningAt: (bytes: Buffer) => number,
): StreamScrubber {
  let held: Buffer | null = null
  /** Number of held bytes that belong to a span that began before them. */
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
      // A copy, because the chunk's buffer may be reused. Held unmasked, because a complete span may be the start of a longer one.
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

/** Returns a masked copy, or the same buffer if there is nothing to mask. */
function masked(bytes: Buffer, spans: readonly Span[]): Buffer {
  const within = spans.filter(([from]) => from < bytes.length)
  if (within.length === 0) return bytes
  const clean = Buffer.from(bytes)
  for (const [from, to] of within) clean.fill(MASK, from, Math.min(to, clean.length))
  return clean
}
