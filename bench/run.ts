/**
 * Hallpass beside its peers in one run: `npm run bench [-- --parts http,mcp,stdio,documents,lists,streams,fairness] [--requests N] [--rounds N]`.
 * `npm run bench:check` compares CPU ratios with budget.json and fails if one is exceeded by more than its margin.
 */
import { parseArgs } from 'node:util'
import budget from './budget.json' with { type: 'json' }
import { documentsPart, httpPart, mcpPart, type Part } from './compare/contenders.ts'
import { measure, type Figures } from './compare/measure.ts'
import { startEngineProcess, type EngineProcess } from './engine-process.ts'
import { measureFairness } from './fairness.ts'
import { measureHttpStreams } from './http-streams.ts'
import { measureToolLists } from './tool-lists.ts'

/** Ratios move by this much between two runs on a busy computer. */
const MARGIN = 1.25

const STARTED: Readonly<Record<string, (engine: EngineProcess) => Promise<Part>>> = {
  http: httpPart,
  mcp: (engine) => mcpPart(engine, 'http'),
  stdio: (engine) => mcpPart(engine, 'stdio'),
  documents: documentsPart,
}
const { values } = parseArgs({
  options: {
    parts: { type: 'string' },
    requests: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '5' },
    records: { type: 'string', default: '1000000' },
    check: { type: 'boolean', default: false },
  },
})
const parts = (
  values.parts ?? (values.check ? 'http,mcp,stdio' : 'http,mcp,stdio,documents,lists,streams,fairness')
).split(',')
const load = { connections: 16, requests: Number(values.requests), rounds: Number(values.rounds) }
process.env['BENCH_KEY'] = 'key-of-the-upstream'

const ratios = new Map<string, number>()
for (const name of parts) {
  const start = STARTED[name]
  if (name === 'lists') console.table(await measureToolLists())
  else if (name === 'streams') console.table(await measureHttpStreams(Number(values.records)))
  else if (name === 'fairness') console.table(await measureFairness())
  else if (start === undefined) throw new Error(`There is no part "${name}".`)
  else await compare(name, start)
}
if (values.check) check()

async function compare(name: string, start: (engine: EngineProcess) => Promise<Part>): Promise<void> {
  const engine = await startEngineProcess()
  try {
    const part = await start(engine)
    try {
      const figures = await measure(part.contenders, load)
      console.log(`${name}, ${load.connections} connections, medians of ${load.rounds} rounds of ${load.requests}`)
      console.table(rowsOf(figures))
      addRatios(name, figures)
    } finally {
      await part.stop()
    }
  } finally {
    await engine.stop()
  }
}

function rowsOf(figures: Record<string, Figures>): object {
  const [first] = Object.values(figures)
  return Object.fromEntries(
    Object.entries(figures).map(([name, { cpuMicros, perSecond, residentMegabytes }]) => [
      name,
      {
        'CPU µs/request': cpuMicros,
        'of the first': Number((cpuMicros / (first?.cpuMicros ?? 1)).toFixed(2)),
        'requests/s': perSecond,
        'resident MB': residentMegabytes,
      },
    ]),
  )
}

function addRatios(part: string, figures: Record<string, Figures>): void {
  const prefix = part === 'http' ? 'http' : part === 'mcp' ? 'mcp over HTTP' : 'mcp over stdio'
  for (const [one, { cpuMicros }] of Object.entries(figures))
    for (const [other, base] of Object.entries(figures))
      if (one !== other) ratios.set(`${prefix}: ${one} / ${other}`, cpuMicros / base.cpuMicros)
}

function check(): void {
  for (const [name, limit] of Object.entries(budget)) {
    const ratio = ratios.get(name)
    if (ratio === undefined) continue
    const isWithin = ratio <= limit * MARGIN
    console.log(
      `${isWithin ? 'ok  ' : 'over'} ${name}: ${ratio.toFixed(2)}, budget ${limit} with a margin of ${MARGIN}`,
    )
    if (!isWithin) process.exitCode = 1
  }
}
