import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'

/** A response of undici's parser in the form of `request`, filled by its handler. */
export interface ArrivedReply {
  reply: Dispatcher.ResponseData
  push(piece: Buffer): boolean
  end(): void
  fail(error: Error): void
}

export function arrivedReply(
  status: number,
  raw: Buffer[],
  resume: () => void,
  stop: (reason: Error) => void = () => undefined,
): ArrivedReply {
  let hasEnded = false
  const body = new Readable({
    read: resume,
    destroy(error, callback) {
      if (!hasEnded) stop(error ?? new Error('The response was not read.'))
      callback(error)
    },
  })
  // A reader gets the error from reading. Without a reader, it has no effect.
  body.on('error', () => undefined)
  const reply = Object.assign(body, { dump: () => Promise.resolve(void body.destroy()) })
  return {
    reply: { statusCode: status, headers: headersOf(raw), body: reply } as unknown as Dispatcher.ResponseData,
    // undici may reuse the chunk's buffer.
    push: (piece) => body.push(Buffer.from(piece)),
    end() {
      hasEnded = true
      body.push(null)
    },
    fail(error) {
      hasEnded = true
      body.destroy(error)
    },
  }
}

/** Returns the value of a header, several joined by commas, or an empty text. */
export function headerOf(raw: readonly Buffer[], wanted: string): string {
  let found = ''
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as Buffer
    if (name.length !== wanted.length || name.toString('latin1').toLowerCase() !== wanted) continue
    const value = (raw[at + 1] as Buffer).toString('latin1')
    found = found === '' ? value : `${found}, ${value}`
  }
  return found
}

function headersOf(raw: readonly Buffer[]): Record<string, string | string[]> {
  const headers = new Map<string, string | string[]>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as Buffer).toString('latin1').toLowerCase()
    const value = (raw[at + 1] as Buffer).toString('latin1')
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : [before, value].flat())
  }
  return Object.fromEntries(headers)
}
