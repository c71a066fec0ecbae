/** Memory of the engine and its workers: idle, under requests to an HTTP API, and under calls to a document. */
import { documentsPart, httpPart } from './compare/contenders.ts'
import { drive, type Contender } from './compare/measure.ts'
import { startEngineProcess, type EngineProcess } from './engine-process.ts'

const ROUNDS = 5
const SAMPLE_MS = 50

type Row = { 'resident MB, all processes': number; 'after the last round': number }

export async function measureResident(requests: number): Promise<Record<string, Row>> {
  const rows: Record<string, Row> = {}
  for (const [name, start] of [
    ['HTTP load', httpPart],
    ['document load', documentsPart],
  ] as const) {
    const engine = await startEngineProcess()
    try {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      rows['idle'] ??= await rowOf(engine, async () => undefined)
      const part = await start(engine)
      const ours = Object.values(part.contenders).filter(({ pid }) => pid === engine.pid)
      rows[name] = await rowOf(engine, async () => {
        for (let round = 0; round < ROUNDS; round += 1) for (const contender of ours) await load(contender, requests)
      })
      await part.stop()
    } finally {
      await engine.stop()
    }
  }
  return rows
}

async function load(contender: Contender, requests: number): Promise<void> {
  await drive(contender, { connections: 16, requests, rounds: 1 })
}

/** Returns the highest figure during the work and the figure at its end. */
async function rowOf(engine: EngineProcess, work: () => Promise<void>): Promise<Row> {
  const now = async (): Promise<number> => (await engine.residentBytes()).all / 1e6
  let highest = 0
  const timer = setInterval(() => void now().then((megabytes) => (highest = Math.max(highest, megabytes))), SAMPLE_MS)
  await work()
  clearInterval(timer)
  const last = await now()
  return {
    'resident MB, all processes': Math.round(Math.max(highest, last)),
    'after the last round': Math.round(last),
  }
}
