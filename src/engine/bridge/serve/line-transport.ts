import type { Readable, Writable } from 'node:stream'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server'
import { exactJson, parseExactJson } from '../../text/exact-json.ts'
import type { ServerSdk } from './client-server.ts'

const LINE_BREAK = 0x0a

/**
 * Reads and writes one JSON-RPC message per line. Whole numbers beyond 2^53 stay exact, which the SDK's own transport
 * would round. Closes when the input ends, a line is too long, or the output fails.
 */
export function createLineTransport(
  sdk: Pick<ServerSdk, 'parseJSONRPCMessage'>,
  input: Readable,
  output: Writable,
  /** `onInvalid` gets JSON that isn't a valid message. Lines that aren't JSON are skipped. */
  options: { maxBytes: number; onInvalid: (body: unknown) => void },
): Transport {
  let pending: Buffer[] = []
  let pendingBytes = 0
  let isClosed = false
  /** Senders that wait until the output has room. */
  let waiting: ((error?: Error) => void)[] = []

  function read(line: string): void {
    let body: unknown
    try {
      body = parseExactJson(line)
    } catch (thrown) {
      if (thrown instanceof SyntaxError) return
      throw thrown
    }
    let message: JSONRPCMessage
    try {
      message = sdk.parseJSONRPCMessage(body)
    } catch {
      // Not passed on, because the error lists every possible schema, which doesn't help.
      return options.onInvalid(body)
    }
    transport.onmessage?.(message)
  }

  function onData(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(LINE_BREAK); end !== -1 && !isClosed; end = chunk.indexOf(LINE_BREAK, start)) {
      const part = chunk.subarray(start, end)
      start = end + 1
      const line = pending.length === 0 ? part : Buffer.concat([...pending, part])
      pending = []
      pendingBytes = 0
      if (line.length > options.maxBytes) return tooLong()
      if (line.length > 0) read(line.toString('utf8'))
    }
    if (isClosed || start === chunk.length) return
    pending.push(chunk.subarray(start))
    pendingBytes += chunk.length - start
    if (pendingBytes > options.maxBytes) tooLong()
  }

  function tooLong(): void {
    transport.onerror?.(new Error(`A line is longer than ${options.maxBytes} bytes.`))
    close()
  }

  function onFailure(error: Error): void {
    if (isClosed) return
    transport.onerror?.(error)
    close()
  }

  function close(): void {
    if (isClosed) return
    isClosed = true
    pending = []
    input.off('data', onData).off('end', close).off('close', close)
    input.pause()
    transport.onclose?.()
  }

  function release(error?: Error): void {
    const released = waiting
    waiting = []
    for (const settle of released) settle(error)
  }

  const transport: Transport = {
    async start() {
      if (input.readableEnded || input.destroyed) setImmediate(close)
      input.on('data', onData).on('error', onFailure).on('end', close).on('close', close)
      output
        .on('error', (error: Error) => {
          release(error)
          onFailure(error)
        })
        .on('drain', () => release())
        .on('close', () => release())
    },
    send(message) {
      if (isClosed) return Promise.reject(new Error('The stream is closed.'))
      if (output.write(`${exactJson(message)}\n`) || output.destroyed) return Promise.resolve()
      return new Promise((resolve, reject) => {
        waiting.push((error) => {
          if (error === undefined) resolve()
          else reject(error)
        })
      })
    },
    async close() {
      close()
    },
  }
  return transport
}
