import { LONGEST_SECRET_BYTES } from '../../secrets/secret-value.ts'

/** The last bytes of a stream of text, for people: whole lines where it can, secrets cut out on the way in. */
export interface TextTail {
  add(chunk: Buffer): void
  readonly text: string
}

export function createTextTail(limit: number, scrub: (text: string) => string): TextTail {
  const chunks: Buffer[] = []
  let size = 0
  return {
    add(chunk) {
      // A single chunk may be larger than all that is kept.
      const kept = chunk.byteLength > limit ? chunk.subarray(chunk.byteLength - limit) : chunk
      chunks.push(Buffer.from(kept))
      size += kept.byteLength
      while (size - (chunks[0]?.byteLength ?? 0) >= limit) size -= chunks.shift()?.byteLength ?? 0
    },
    get text() {
      const whole = Buffer.concat(chunks)
      if (whole.byteLength < limit) return scrub(whole.toString('utf8'))
      const end = whole.subarray(whole.byteLength - limit)
      // What was cut may begin with the end of a secret, which no longer looks like one: its line goes, or as much as a secret is long.
      const line = end.indexOf(0x0a)
      return scrub(end.subarray(line === -1 ? LONGEST_SECRET_BYTES : line + 1).toString('utf8'))
    },
  }
}
