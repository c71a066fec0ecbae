import type { Readable, Writable } from 'node:stream'
const LINE_BREAK = 0x0a

/**
 * Splits chunks and calls `onLine` with every complete line, including its line break. The rest waits for more data.
 */
export function splitLines(onLine: (line: Buffer) => void): { push(chunk: Buffer): void; rest(): Buffer } {
  let pending: Buffer[] = []
  return {
    push(chunk) {
      let start = 0
      for (let end = chunk.indexOf(LINE_BREAK); end !== -1; end = chunk.indexOf(LINE_BREAK, start)) {
        const part = chunk.subarray(start, end + 1)
        start = end + 1
        const line = pending.length === 0 ? part : Buffer.concat([...pending, part])
        pending = []
        onLine(line)
      }
      if (start < chunk.length) pending.push(chunk.subarray(start))
    },
    rest() {
      const rest = Buffer.concat(pending)
      pending = []
      return rest
    },
  }
}

/** Writes a line and pauses `source` while the target is full. A target that closes resumes it. */
export function writePaced(target: Writable, line: Buffer, source: Readable | null): void {
  if (target.write(line) || source === null || source.isPaused()) return
  source.pause()
  const resume = (): void => {
    target.off('drain', resume).off('close', resume)
    source.resume()
  }
  target.on('drain', resume).on('close', resume)
}
