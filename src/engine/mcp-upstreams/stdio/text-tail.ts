import { LONGEST_SECRET_BYTES } from '../../secrets/secret-value.ts'

/** The last bytes of a text stream, for people: whole lines if possible, with secrets removed on arrival. */
interface TextTail {
  add(chunk: Buffer): void
  readonly text: string
}

export function createTextTail(limit: number, scrub: (text: string) => string): TextTail {
  const chunks: Buffer[] = []
  let size = 0
  return {
    add(chunk) {
      // A single chunk can be larger than the limit.
      const tail = chunk.byteLength > limit ? chunk.subarray(chunk.byteLength - limit) : chunk
      chunks.push(Buffer.from(tail))
      size += tail.byteLength
      while (size - (chunks[0]?.byteLength ?? 0) >= limit) size -= chunks.shift()?.byteLength ?? 0
    },
    get text() {
      const whole = Buffer.concat(chunks)
      if (whole.byteLength < limit) return scrub(whole.toString('utf8'))
      const end = whole.subarray(whole.byteLength - limit)
      // After cutting, the text may start with the end of a secret that is no longer recognizable. Drops that line, or
      // as many bytes as a secret is long.
      const line = end.indexOf(0x0a)
      return scrub(end.subarray(line === -1 ? LONGEST_SECRET_BYTES : line + 1).toString('utf8'))
    },
  }
}
