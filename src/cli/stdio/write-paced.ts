import type { Readable, Writable } from 'node:stream'

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
