import { Pool } from 'undici'
import { cpuMicrosOf, residentBytesOf } from './process-cpu.ts'

/** A program that serves the requests: Hallpass or a peer. */
export interface Contender {
  pid: number
  origin: string
  /** Sends one request and throws if the response isn't the expected one. */
  send(pool: Pool): Promise<void>
  /** Returns whether a child process counts, by its command line. An upstream doesn't. */
  isCounted?: (commandLine: string) => boolean
}

export interface Figures {
  cpuMicros: number
  perSecond: number
  residentMegabytes: number
}

export interface Load {
  connections: number
  requests: number
  rounds: number
}

/** Returns medians per contender. They take turns, so that other work of the computer affects all of them. */
export async function measure(
  contenders: Readonly<Record<string, Contender>>,
  load: Load,
): Promise<Record<string, Figures>> {
  const rounds = new Map<string, Figures[]>(Object.keys(contenders).map((name) => [name, []]))
  for (const contender of Object.values(contenders)) await drive(contender, load)
  for (let round = 0; round < load.rounds; round += 1)
    for (const [name, contender] of Object.entries(contenders)) rounds.get(name)?.push(await oneRound(contender, load))
  return Object.fromEntries([...rounds].map(([name, figures]) => [name, mediansOf(figures)]))
}

async function oneRound(contender: Contender, load: Load): Promise<Figures> {
  const isCounted = contender.isCounted ?? (() => true)
  const cpu = cpuMicrosOf(contender.pid, isCounted)
  const started = performance.now()
  await drive(contender, load)
  const seconds = (performance.now() - started) / 1000
  // Deferred work, such as writing the log, is part of the requests.
  await new Promise((resolve) => setTimeout(resolve, 150))
  return {
    cpuMicros: (cpuMicrosOf(contender.pid, isCounted) - cpu) / load.requests,
    perSecond: load.requests / seconds,
    residentMegabytes: residentBytesOf(contender.pid) / 1e6,
  }
}

/** Sends the requests of one round. */
export async function drive({ origin, send }: Contender, { connections, requests }: Load): Promise<void> {
  const pool = new Pool(origin, { connections })
  let left = requests
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left-- > 0) await send(pool)
    }),
  )
  await pool.close()
}

function mediansOf(figures: readonly Figures[]): Figures {
  const median = (of: (one: Figures) => number): number => {
    const sorted = figures.map(of).toSorted((one, other) => one - other)
    return Math.round(sorted[sorted.length >> 1] ?? 0)
  }
  return {
    cpuMicros: median((one) => one.cpuMicros),
    perSecond: median((one) => one.perSecond),
    residentMegabytes: median((one) => one.residentMegabytes),
  }
}
