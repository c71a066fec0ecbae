import type { Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import { exactJson } from '../../text/exact-json.ts'
import { parseJsonObject } from '../../text/json.ts'
import { UpstreamFault, type MessagePipe } from '../session/message-pipe.ts'
import type { UpstreamProcess } from './upstream-process.ts'

const LAST_OUTPUT_MS = 300
const MAX_LINE = 64 * 1024 * 1024

interface StdioPipeParts {
  process: UpstreamProcess
  onStderr(chunk: Buffer): void
  /** Masks our secrets in the output, because a process may print its environment. */
  scrub(text: string): string
  /** Takes a line on stdout that isn't protocol. */
  onStray(line: string): void
}

/** Speaks JSON-RPC over the stdin and stdout of a process, one message per line. */
export function createStdioPipe({ process: upstream, onStderr, onStray, scrub }: StdioPipeParts): MessagePipe {
  const { stdin, stdout, stderr } = upstream
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  let length = 0
  const ended = Promise.withResolvers<UpstreamFault>()
  let closed: UpstreamFault | null = null
  let isCorked = false

  function fail(fault: UpstreamFault): void {
    if (closed !== null) return
    closed = fault
    ended.resolve(fault)
    pipe.onClosed?.(fault)
    void upstream.end()
  }

  function take(text: string): void {
    // Some commands write a byte order mark before their first line.
    const line = text.startsWith('\uFEFF') ? text.slice(1) : text
    if (line.trim() === '') return
    const message = parseJsonObject(line)
    if (message === null) onStray(line)
    else pipe.onMessage?.(message)
  }

  /** Ends the process immediately and drops its remaining output. */
  function tooLong(): void {
    parts = []
    length = Infinity
    fail(new UpstreamFault('protocol', `sent a message larger than ${MAX_LINE / 1024 / 1024} MiB`))
  }

  stdout.listen((chunk) => {
    if (length === Infinity) return
    const text = decoder.write(chunk)
    let from = 0
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      parts.push(text.slice(from, at))
      if (length + at - from > MAX_LINE) return tooLong()
      const line = scrub(parts.join(''))
      parts = []
      length = 0
      from = at + 1
      take(line.endsWith('\r') ? line.slice(0, -1) : line)
    }
    if (from < text.length) parts.push(text.slice(from))
    length += text.length - from
    if (length > MAX_LINE) tooLong()
  })
  stderr.listen(onStderr)
  // The end of the process explains a broken pipe.
  stdin.on('error', () => undefined)
  // The last output may arrive after the process has ended, and its end after the output was closed.
  const silent = stdout.ended
  void upstream.ended.then(async (ending) => {
    await Promise.race([silent, sleep(LAST_OUTPUT_MS)])
    fail(new UpstreamFault('crashed', ending))
  })
  void silent.then(async () =>
    fail(
      new UpstreamFault('crashed', await Promise.race([upstream.ended, sleep(LAST_OUTPUT_MS, 'closed its output')])),
    ),
  )

  function uncork(): void {
    isCorked = false
    stdin.uncork()
  }

  const pipe: MessagePipe = {
    perRequestStream: false,
    onMessage: null,
    onClosed: null,
    async send(message) {
      if (closed !== null) throw closed
      // The input is already closed. How the process ended will be known shortly.
      if (!stdin.writable)
        throw await Promise.race([
          ended.promise,
          sleep(2 * LAST_OUTPUT_MS, new UpstreamFault('crashed', 'closed its input')),
        ])
      // Messages of calls that arrive in the same turn of the event loop are one write.
      if (!isCorked) {
        isCorked = true
        stdin.cork()
        setImmediate(uncork)
      }
      stdin.write(`${exactJson(message)}\n`)
      if (stdin.writableNeedDrain) await drained(stdin)
    },
    async close() {
      closed ??= new UpstreamFault('crashed', 'was closed')
      await upstream.end()
    },
  }
  return pipe
}

async function drained(stdin: Writable): Promise<void> {
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
