import { setTimeout as sleep } from 'node:timers/promises'
import { HallpassError } from '../../../contract/errors.ts'
import type { McpConnectionConfig } from '../../../contract/upstreams/mcp-connection.ts'
import type { Clock } from '../../clock.ts'
import { visible } from '../../text/visible-text.ts'
import { UpstreamFault, type MessagePipe } from '../session/message-pipe.ts'
import { createRestartPolicy, type RestartPolicy } from '../session/restart-policy.ts'
import type { ChildLedger } from './child-ledger.ts'
import { lastOutput } from './last-output.ts'
import { createStdioPipe } from './stdio-pipe.ts'
import { createTextTail } from './text-tail.ts'

/** Starts the command of one connection and keeps its output. */
interface CommandStarter {
  readonly policy: RestartPolicy
  open(command: string, signal: AbortSignal): Promise<MessagePipe>
  /** Records that the start of this pipe succeeded, because the handshake did. */
  greeted(pipe: MessagePipe): void
  /** Returns the output that explains the last failed start, to complete a sentence. */
  lastOutput(): string
  readonly stderr: string
  readonly stray: string | null
  close(): void
}

const STDERR_BYTES = 64 * 1024
const START_BYTES = 16 * 1024
/** Shorter waits before a restart are simply waited for. Longer ones are reported. */
const MAX_SILENT_WAIT_MS = 1500
const MAX_STRAY = 500

export function createCommandStarter(parts: {
  config: McpConnectionConfig
  clock: Clock
  ledger: ChildLedger
  environment: () => Promise<Record<string, string>>
  scrub: (text: string) => string
}): CommandStarter {
  const { config, clock, ledger, scrub } = parts
  const policy = createRestartPolicy(clock)
  const stderr = createTextTail(STDERR_BYTES, scrub)
  const greeted = new WeakSet<MessagePipe>()
  let lastStart = createTextTail(START_BYTES, scrub)
  let stray: string | null = null
  let closed = false

  const explanation = (): string => {
    const output = lastOutput(lastStart.text)
    return stray === null ? output : `${output}. It wrote unexpected output to stdout: ${stray.slice(0, 200)}`
  }

  async function open(command: string, signal: AbortSignal): Promise<MessagePipe> {
    const wait = policy.waitMs()
    if (wait > MAX_SILENT_WAIT_MS) {
      const ended = `${policy.lastEnding ?? 'ended'}${lastOutput(lastStart.text)}`
      const loop = policy.inLoop
        ? `keeps crashing (${policy.crashes} times so far, last: ${ended})`
        : `crashed (${ended})`
      throw new UpstreamFault('crashed', `${loop}. It restarts in ${Math.ceil(wait / 1000)} s`, { isExplained: true })
    }
    if (wait > 0) await sleep(wait, undefined, { signal })
    signal.throwIfAborted()
    const env = await parts.environment()
    // Imported with the first start, because an engine without commands doesn't need it.
    const { launch } = await import('./upstream-process.ts')
    signal.throwIfAborted()
    const process = await launch({ command, args: config.args ?? [], cwd: config.cwd ?? null, env }, ledger).catch(
      (cause: unknown) => {
        throw cause instanceof HallpassError ? new UpstreamFault('setup', cause.message, { cause }) : cause
      },
    )
    policy.started()
    const startedAt = clock.monotonic()
    const start = createTextTail(START_BYTES, scrub)
    lastStart = start
    const pipe = createStdioPipe({
      process,
      scrub,
      onStderr: (chunk) => {
        stderr.add(chunk)
        start.add(chunk)
      },
      onStray: (line) => {
        stray ??= visible(line.slice(0, MAX_STRAY))
      },
    })
    let ended = false
    const close = pipe.close
    pipe.close = () => {
      // The handshake succeeded and the process ended because we asked.
      if (!ended && greeted.has(pipe)) policy.steady()
      ended = true
      return close()
    }
    void process.ended.then((ending) => {
      if (!ended && !closed) policy.crashed(ending, clock.monotonic() - startedAt)
      ended = true
    })
    return pipe
  }

  return {
    policy,
    open,
    greeted: (pipe) => void greeted.add(pipe),
    lastOutput: explanation,
    get stderr() {
      return visible(stderr.text)
    },
    get stray() {
      return stray
    },
    close() {
      closed = true
    },
  }
}
