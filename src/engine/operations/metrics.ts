import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Health, Transport } from '../../contract/records.ts'
import type { Access } from '../access/access.ts'
import type { ConnectionHealth } from '../connections/health.ts'
import type { OpenRequest, RequestLog, RequestOpening, RequestOutcome } from '../log/request-log.ts'
import type { Readiness } from './readiness.ts'
import type { Store } from '../store/store.ts'

/** Upper bounds of the duration histogram, in seconds. */
const BOUNDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10]

/** State of the engine when the metrics are read. */
interface MetricsState {
  version: string
  ready: boolean
  paused: boolean
  sessions: number
  /** By kind of connection and state, such as `sqlite up`. */
  connections: readonly { kind: string; state: Health['state']; count: number }[]
}

/** Describes the engine in the Prometheus text format. No label names a person, a token or a table. */
export interface Metrics {
  /** Returns the log with every request counted that opens, ends or is rejected. */
  countIn<Log extends Pick<RequestLog, 'open' | 'rejected'>>(log: Log): Log
  text(state: MetricsState): string
  close(): void
}

interface Series {
  transport: string
  buckets: number[]
  seconds: number
  count: number
}

export function createMetrics(): Metrics {
  /** Ended requests by transport and code. */
  const results = new Map<string, { transport: string; code: string; count: number }>()
  const durations = new Map<string, Series>()
  let running = 0
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()

  function count(transport: Transport, outcome: RequestOutcome, seconds: number, requests = 1): void {
    const code = outcome.code ?? 'OK'
    const key = `${transport} ${code}`
    const counted = results.get(key) ?? { transport, code, count: 0 }
    counted.count += requests
    results.set(key, counted)
    observe(durations, transport, seconds)
  }

  function counted(row: OpenRequest): OpenRequest {
    running += 1
    let isRunning = true
    return {
      record: row.record,
      close(outcome) {
        row.close(outcome)
        if (!isRunning) return
        isRunning = false
        running -= 1
        count(row.record.transport, outcome, (row.record.duration_ms ?? 0) / 1000)
      },
    }
  }

  return {
    countIn: (log) =>
      Object.create(log, {
        open: { value: (opening: RequestOpening) => counted(log.open(opening)) },
        rejected: {
          value: (opening: RequestOpening, outcome: RequestOutcome) => {
            log.rejected(opening, outcome)
            // Repeated denials of strangers share a row.
            count(opening.transport, outcome, 0, outcome.records ?? 1)
          },
        },
      }),
    text(state) {
      const memory = process.memoryUsage()
      const cpu = process.cpuUsage()
      const series = [...durations.values()]
      return [
        metric('hallpass_build_info', 'gauge', 'Version of Hallpass.', [[{ version: state.version }, 1]]),
        metric('hallpass_ready', 'gauge', '1 if requests can be served.', [[{}, Number(state.ready)]]),
        metric('hallpass_paused', 'gauge', '1 if the owner paused all access.', [[{}, Number(state.paused)]]),
        metric('hallpass_sessions', 'gauge', 'Active session tokens.', [[{}, state.sessions]]),
        metric(
          'hallpass_connections',
          'gauge',
          'Connections by kind and state.',
          state.connections.map(({ kind, state: of, count }) => [{ kind, state: of }, count]),
        ),
        metric('hallpass_requests_running', 'gauge', 'Requests that are running.', [[{}, running]]),
        metric(
          'hallpass_requests_total',
          'counter',
          'Ended requests by transport and error code, denied ones included.',
          [...results.values()].map(({ transport, code, count }) => [{ transport, code }, count]),
        ),
        histogram('hallpass_request_duration_seconds', 'Duration of ended requests.', series),
        metric('hallpass_event_loop_delay_p99_seconds', 'gauge', 'Delay of the event loop, 99th percentile.', [
          [{}, Number.isFinite(delay.percentile(99)) ? delay.percentile(99) / 1e9 : 0],
        ]),
        metric('process_cpu_seconds_total', 'counter', 'CPU time of the engine process.', [
          [{}, (cpu.user + cpu.system) / 1e6],
        ]),
        metric('process_resident_memory_bytes', 'gauge', 'Memory of the engine process.', [[{}, memory.rss]]),
        metric('nodejs_heap_used_bytes', 'gauge', 'Used heap of the engine process.', [[{}, memory.heapUsed]]),
        '',
      ].join('\n')
    },
    close: () => delay.disable(),
  }
}

function observe(durations: Map<string, Series>, transport: string, seconds: number): void {
  const series = durations.get(transport) ?? { transport, buckets: BOUNDS.map(() => 0), seconds: 0, count: 0 }
  durations.set(transport, series)
  series.count += 1
  series.seconds += seconds
  const index = BOUNDS.findIndex((bound) => seconds <= bound)
  if (index !== -1) series.buckets[index] = (series.buckets[index] ?? 0) + 1
}

/** Reads the values that aren't counted elsewhere. */
export async function readMetricsState(parts: {
  version: string
  readiness: Pick<Readiness, 'check'>
  access: Pick<Access, 'paused' | 'sessions'>
  store: Pick<Store, 'read'>
  health: Pick<ConnectionHealth, 'of'>
}): Promise<MetricsState> {
  const { version, readiness, access, store, health } = parts
  const { ok: ready } = await readiness.check()
  const connections = new Map<string, { kind: string; state: Health['state']; count: number }>()
  for (const { id, kind } of store.read.connections()) {
    const { state } = health.of(id)
    const counted = connections.get(`${kind} ${state}`) ?? { kind, state, count: 0 }
    counted.count += 1
    connections.set(`${kind} ${state}`, counted)
  }
  const sessions = await access.sessions()
  return { version, ready, paused: access.paused, sessions: sessions.length, connections: [...connections.values()] }
}

type Labels = Record<string, string>

function metric(name: string, type: 'counter' | 'gauge', help: string, samples: [Labels, number][]): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map((one) => sample(name, ...one))].join('\n')
}

/** Prometheus counts every bucket from zero up, so each contains those below it. */
function histogram(name: string, help: string, series: readonly Series[]): string {
  const lines = series.flatMap(({ transport, buckets, seconds, count }) => {
    let below = 0
    return [
      ...BOUNDS.map((bound, index) => {
        below += buckets[index] ?? 0
        return sample(`${name}_bucket`, { transport, le: String(bound) }, below)
      }),
      sample(`${name}_bucket`, { transport, le: '+Inf' }, count),
      sample(`${name}_sum`, { transport }, seconds),
      sample(`${name}_count`, { transport }, count),
    ]
  })
  return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines].join('\n')
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text.replaceAll(/["\\\n]/g, '_')}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}
