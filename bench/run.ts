/**
 * Compares Hallpass with its peers in one run: `npm run bench [-- --parts NAMES] [--requests N] [--rounds N] [--connections N]`. README.md lists the parts.
 *
 * `npm run bench:check` compares CPU ratios with budget.json and fails if one is exceeded by more than its margin.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import budget from './budget.json' with { type: 'json' }
import { documentsPart, httpPart, KEY_VARIABLE, mcpPart, type Part } from './compare/contenders.ts'
import { feedPart, growthPart } from './compare/second-engine.ts'
import { installPeers } from './compare/install-peers.ts'
import { measure, type Figures } from './compare/measure.ts'
import { measureCurves } from './curves/measure-curves.ts'
import { startEngineProcess, type EngineProcess } from './engine-process.ts'
import { measureFairness } from './fairness.ts'
import { measureHttpStreams } from './http-streams.ts'
import { measureLogSearch } from './log-search.ts'
import { measureResident } from './resident.ts'
import { measureStart } from './start-time.ts'
import { measureToolLists } from './tool-lists.ts'

/** Where the pictures of `curves` go, unless `--pictures` names another folder. */
const PICTURES = join(import.meta.dirname, '..', 'docs', 'pictures', 'growth')
/** Ratios differ by up to this factor between two runs on a busy computer. */
const MARGIN = 1.25

const STARTED: Readonly<Record<string, (engine: EngineProcess) => Promise<Part>>> = {
  http: httpPart,
  mcp: (engine) => mcpPart(engine, 'http'),
  stdio: (engine) => mcpPart(engine, 'stdio'),
  documents: documentsPart,
  growth: growthPart,
  feed: feedPart,
}
const { values } = parseArgs({
  options: {
    parts: { type: 'string' },
    requests: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '16' },
    records: { type: 'string', default: '1000000' },
    'log-rows': { type: 'string', default: '1000000' },
    check: { type: 'boolean', default: false },
    peers: { type: 'string' },
    pictures: { type: 'string' },
  },
})
const parts = (
  values.parts ??
  (values.check
    ? 'http,mcp,stdio,documents,lists,growth,feed'
    : 'http,mcp,stdio,documents,lists,growth,feed,start,memory,streams,log,fairness')
).split(',')
const load = {
  connections: Number(values.connections),
  requests: Number(values.requests),
  rounds: Number(values.rounds),
}
process.env[KEY_VARIABLE] = 'key-of-the-upstream'
if (values.peers !== undefined) installPeers(values.peers)

const ratios = new Map<string, number>()
for (const name of parts) {
  const start = STARTED[name]
  if (name === 'lists') await compareLists()
  else if (name === 'start') console.table(await measureStart(load.rounds, Number(values['log-rows'])))
  else if (name === 'log') console.table(await measureLogSearch(Number(values['log-rows'])))
  else if (name === 'memory') console.table(await measureResident(load.requests))
  else if (name === 'streams') console.table(await measureHttpStreams(Number(values.records)))
  else if (name === 'curves')
    console.table(await measureCurves(values.pictures ?? PICTURES, load, Number(values['log-rows'])))
  else if (name === 'fairness') console.table(await measureFairness())
  else if (start === undefined) throw new Error(`There is no part "${name}".`)
  else await compare(name, start)
}
if (values.check) check()

async function compareLists(): Promise<void> {
  const { ours, gateway } = await measureToolLists()
  console.log('tools/list of 500 tools of ten servers')
  console.table({ 'SDK gateway': gateway, Hallpass: ours })
  ratios.set('lists: Hallpass / SDK gateway', ours['CPU ms/list'] / gateway['CPU ms/list'])
}

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
  const prefix = part === 'mcp' ? 'mcp over HTTP' : part === 'stdio' ? 'mcp over stdio' : part
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
