import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import { exactJson } from '../../text/exact-json.ts'
import { parseJsonObject } from '../../text/json.ts'
import { UpstreamFault, type MessagePipe } from '../session/message-pipe.ts'
import type { UpstreamProcess } from './upstream-process.ts'

const LAST_WORDS_MS = 300
const LONGEST_LINE = 64 * 1024 * 1024

export interface StdioPipeParts {
  process: UpstreamProcess
  onStderr(chunk: Buffer): void
  /** Cuts our secrets out of what the process says: it may tell its environment to whoever asks. */
  scrub(text: string): string
  /** A line on stdout that is no protocol: passed over, but told. */
  onStray(line: string): void
}

/** JSON-RPC over the stdin and stdout of a process, one message a line. */
export function createStdioPipe({ process: upstream, onStderr, onStray, scrub }: StdioPipeParts): MessagePipe {
  const { stdin, stdout, stderr } = upstream
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  let length = 0
  const over = Promise.withResolvers<UpstreamFault>()
  let closed: UpstreamFault | null = null

  function fail(fault: UpstreamFault): void {
    if (closed !== null) return
    closed = fault
    over.resolve(fault)
    pipe.onClosed?.(fault)
    void upstream.end()
  }

  function take(line: string): void {
    if (line.trim() === '') return
    const message = parseJsonObject(line)
    if (message === null) onStray(line)
    else pipe.onMessage?.(message)
  }

  stdout.on('data', (chunk: Buffer) => {
    const text = decoder.write(chunk)
    let from = 0
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      parts.push(text.slice(from, at))
      const line = scrub(parts.join(''))
      parts = []
      length = 0
      from = at + 1
      take(line.endsWith('\r') ? line.slice(0, -1) : line)
    }
    if (from < text.length) parts.push(text.slice(from))
    length += text.length - from
    if (length > LONGEST_LINE)
      fail(new UpstreamFault('protocol', `sent a message larger than ${LONGEST_LINE / 1024 / 1024} MiB`))
  })
  stderr.on('data', onStderr)
  for (const stream of [stdin, stdout, stderr]) {
    // A pipe that broke: the end of the process tells what happened.
    stream.on('error', () => undefined)
  }
  // What it said last may arrive after its end, and its end after its output was closed.
  const silent = new Promise((resolve) => stdout.once('close', resolve))
  void upstream.ended.then(async (ending) => {
    await Promise.race([silent, sleep(LAST_WORDS_MS)])
    fail(new UpstreamFault('crashed', ending))
  })
  void silent.then(async () =>
    fail(new UpstreamFault('crashed', await Promise.race([upstream.ended, sleep(LAST_WORDS_MS, 'closed its output')]))),
  )

  const pipe: MessagePipe = {
    perRequestStream: false,
    onMessage: null,
    onClosed: null,
    async send(message) {
      if (closed !== null) throw closed
      // Its input is closed already: how it ended is told in a moment.
      if (!stdin.writable)
        throw await Promise.race([
          over.promise,
          sleep(2 * LAST_WORDS_MS, new UpstreamFault('crashed', 'closed its input')),
        ])
      if (!stdin.write(`${exactJson(message)}\n`)) {
        await new Promise<void>((resolve) => {
          const done = (): void => {
            stdin.off('drain', done)
            stdin.off('close', done)
            resolve()
          }
          stdin.once('drain', done)
          stdin.once('close', done)
        })
      }
    },
    async close() {
      closed ??= new UpstreamFault('crashed', 'was ended')
      await upstream.end()
    },
  }
  return pipe
}
