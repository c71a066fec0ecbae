import type { Readable } from 'node:stream'

/** What a process writes to one of its outputs, also before anybody listens. */
export interface ProcessOutput {
  /** Passes on everything from the beginning, not before the current turn of the event loop has ended. */
  listen(listener: (piece: Buffer) => void): void
  /** Resolves when the output has ended and everything was passed on. */
  readonly ended: Promise<void>
}

const MAX_EARLY = 64 * 1024

/** Node discards unread output when a process ends, and some end before anything reads it. */
export function createProcessOutput(source: Readable): ProcessOutput {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let early: Buffer[] = []
  let size = 0
  let isClosed = false
  let take: ((piece: Buffer) => void) | null = null
  source.on('data', (piece: Buffer) => {
    if (take !== null) return take(piece)
    early.push(piece)
    size += piece.length
    if (size > MAX_EARLY) source.pause()
  })
  // The end of the process explains a broken pipe.
  source.on('error', () => undefined)
  source.once('close', () => {
    isClosed = true
    if (take !== null) end()
  })
  return {
    ended,
    listen(listener) {
      process.nextTick(() => {
        for (const piece of early) listener(piece)
        early = []
        take = listener
        source.resume()
        if (isClosed) end()
      })
    },
  }
}
