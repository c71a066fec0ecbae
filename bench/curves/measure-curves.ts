import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fillLog } from '../../tests/support/fill-log.ts'
import { forwardedRequest, KEY_VARIABLE, mint } from '../compare/contenders.ts'
import { drive, measure, type Load } from '../compare/measure.ts'
import { addTokens, tokenOf } from '../compare/second-engine.ts'
import { startEngineProcess, type EngineProcess } from '../engine-process.ts'
import { startPeer } from '../http-peers.ts'
import { drawCurve, type Curve } from './draw-curve.ts'

const AT_ONCE = 16
const WARM_UP: Load = { connections: 16, requests: 8000, rounds: 1 }
type Grow = (engine: EngineProcess, size: number) => Promise<string | undefined>

const path = (index: number): object => ({ connection: 'api', permissions: ['read'], paths: [`/never/${index}/*`] })

/** Brings an engine to a size. Returns the session token to use from then on, if another one is needed. */
const GROWTH: Record<string, { label: string; sizes: readonly number[]; grow: Grow }> = {
  tokens: {
    label: 'tokens',
    sizes: [10, 100, 1000],
    async grow(engine, size) {
      const one = (index: number) => [`token-${index}`, tokenOf([path(0)])] as const
      await addTokens(engine, Object.fromEntries(Array.from({ length: size }, (_, index) => one(index))))
      return undefined
    },
  },
  sessions: {
    label: 'session tokens',
    sizes: [10, 1000, 3000],
    async grow(engine, size) {
      const parent = await engine.hallpass(
        'create',
        'token',
        `source-${size}`,
        '-p',
        'demo',
        '--clone',
        '--rate',
        'none',
      )
      for (let done = 0; done < size; done += AT_ONCE)
        await Promise.all(Array.from({ length: AT_ONCE }, () => mint(engine, 'api', ['read'], parent)))
      return undefined
    },
  },
  grants: {
    label: 'grants of the token, of which the last decides',
    sizes: [1, 100, 1000],
    async grow(engine, size) {
      const grants = [
        ...Array.from({ length: size - 1 }, (_, index) => path(index)),
        { connection: 'api', permissions: ['read'] },
      ]
      await addTokens(engine, { [`grants-${size}`]: tokenOf(grants) })
      return mint(engine, 'api', ['read'], await engine.hallpass('rotate', 'token', `grants-${size}`, '-p', 'demo'))
    },
  },
  upstreams: {
    label: 'connections',
    sizes: [1, 10, 50],
    async grow(engine, size) {
      for (let index = 0; index < size; index += 1)
        await engine
          .hallpass(
            'create',
            'connection',
            `other-${index}`,
            '-p',
            'demo',
            '--type',
            'http',
            '--url',
            'http://127.0.0.1:9',
          )
          // It already exists from the smaller size.
          .catch(() => undefined)
      return undefined
    },
  },
}

/** Writes a picture for each thing that can grow into the folder, and returns the figures. */
export async function measureCurves(folder: string, load: Load, rows: number): Promise<Record<string, object>> {
  mkdirSync(folder, { recursive: true })
  const figures: Record<string, object> = {}
  const show = (name: string, curve: Curve): void => {
    writeFileSync(join(folder, `${name}.svg`), drawCurve(curve))
    figures[name] = Object.fromEntries(curve.points.map(({ size, micros }) => [size, micros]))
  }
  for (const [name, { label, sizes, grow }] of Object.entries(GROWTH))
    show(name, { label, points: await withEngine(undefined, (run) => pointsOf(run, sizes, grow, load)) })
  show('log-rows', { label: 'rows in the log', points: await logPoints([1000, rows / 10, rows], load) })
  return figures
}

interface Run {
  engine: EngineProcess
  token: string
}

async function pointsOf(run: Run, sizes: readonly number[], grow: Grow, load: Load): Promise<Curve['points']> {
  const points: { size: number; micros: number }[] = []
  let { token } = run
  for (const size of sizes) {
    token = (await grow(run.engine, size)) ?? token
    points.push({ size, micros: await microsOf(run.engine, token, load) })
  }
  return points
}

async function logPoints(sizes: readonly number[], load: Load): Promise<Curve['points']> {
  const points: { size: number; micros: number }[] = []
  for (const size of sizes) {
    const prepare = (home: string): void => void fillLog(home, size)
    points.push({ size, micros: await withEngine(prepare, ({ engine, token }) => microsOf(engine, token, load)) })
  }
  return points
}

async function microsOf(engine: EngineProcess, token: string, load: Load): Promise<number> {
  const contender = { pid: engine.pid, origin: engine.url, send: forwardedRequest('api', token) }
  return (await measure({ contender }, load))['contender']?.cpuMicros ?? 0
}

/** An engine with one HTTP API. `prepare` changes its data folder while it is stopped. */
async function withEngine<T>(prepare: ((home: string) => void) | undefined, use: (run: Run) => Promise<T>): Promise<T> {
  const upstream = await startPeer('upstream')
  let engine = await startEngineProcess()
  try {
    const create = ['create', 'connection', 'api', '-p', 'demo', '--type', 'http', '--url', upstream.origin]
    await engine.hallpass(...create, '--auth', 'bearer', '--secret-ref', `env:${KEY_VARIABLE}`)
    if (prepare !== undefined) {
      await engine.end()
      prepare(engine.home)
      engine = await startEngineProcess([], engine.home)
    }
    const token = await mint(engine, 'api', ['read'])
    const send = forwardedRequest('api', token)
    // Code that isn't compiled yet would cost more than any size.
    await drive({ pid: engine.pid, origin: engine.url, send }, WARM_UP)
    return await use({ engine, token })
  } finally {
    upstream.stop()
    await engine.stop()
  }
}
