/**
 * An MCP server over stdio in a few lines, with the faults that its first argument names. Run as `node stdio-server.ts MODE [DETAIL]`.
 * Tools: echo, env, argv, ask (elicits), slow (with progress), loud (stderr), crash.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [mode = 'plain', detail = ''] = process.argv.slice(2)
type Json = Record<string, any>

const send = (message: Json): void => void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const text = (value: unknown): Json => ({
  content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }],
})
const tool = (name: string, more: Json = {}): Json => ({
  name,
  description: `Does ${name}.`,
  inputSchema: { type: 'object' },
  ...more,
})

const waiting = new Map<string, (reply: Json) => void>()
const running = new Map<unknown, () => void>()
/** Methods by which a client asks for what lasts. */
const lasting: string[] = []
let asked = 0
let lastLine = ''
function ask(method: string, params: Json): Promise<Json> {
  const id = `srv-${(asked += 1)}`
  send({ id, method, params })
  return new Promise((resolve) => waiting.set(id, resolve))
}

function tools(): Json[] {
  if (mode === 'changing') return JSON.parse(readFileSync(detail, 'utf8')) as Json[]
  if (mode === 'big')
    return Array.from({ length: 5000 }, (_, i) => tool(`tool-${i}`, { description: 'x'.repeat(1000) }))
  if (mode === 'many') return Array.from({ length: Number(detail) }, (_, i) => tool(`tool-${i}`))
  const read = { annotations: { readOnlyHint: true } }
  return [
    tool('echo', read),
    tool('env', read),
    tool('argv', read),
    tool('ask'),
    tool('slow'),
    tool('loud'),
    tool('crash'),
    ...(mode === 'exact' ? [tool('exact', read), tool('exact-error', read)] : []),
  ]
}

/** As the line had it: parsing would round it. */
function exactId(): Json {
  return { id: (JSON as any).rawJSON(/"id":(\d{16,})/.exec(lastLine)?.[1] ?? '0') }
}

async function call(id: unknown, { name, arguments: args = {}, _meta }: Json): Promise<Json> {
  switch (name) {
    case 'echo':
      if (mode === 'storm') for (let i = 0; i < 1000; i += 1) send({ method: 'notifications/tools/list_changed' })
      return text(args)
    case 'pid':
      return text(process.pid)
    case 'lasting':
      return text(lasting)
    case 'digests':
      return text(
        Object.fromEntries(
          Object.entries(process.env).map(([name, value]) => [
            name,
            createHash('sha256')
              .update(value ?? '')
              .digest('base64'),
          ]),
        ),
      )
    case 'env':
      return text(process.env)
    case 'exact':
      return { content: [], structuredContent: exactId() }
    case 'exact-error':
      throw Object.assign(new Error('no such ID'), { code: -32000, data: exactId() })
    case 'argv':
      return text(process.argv.slice(2))
    case 'ask':
      return text(await ask(String(args['method']), (args['params'] ?? {}) as Json))
    case 'loud':
      process.stderr.write(`${String(args['line'])}\n`.repeat(Number(args['times'] ?? 1)))
      return text('said')
    case 'crash':
      return process.exit(3)
    case 'slow': {
      if (_meta?.progressToken !== undefined) {
        for (let step = 1; step <= 3; step += 1)
          send({
            method: 'notifications/progress',
            params: { progressToken: _meta.progressToken, progress: step, total: 3, message: `step ${step}` },
          })
      }
      send({ method: 'notifications/message', params: { level: 'info', data: 'half way' } })
      if (args['forever'] !== true) return text('done')
      await new Promise<void>((resolve) => running.set(id, resolve))
      if (detail !== '') appendFileSync(detail, 'cancelled\n')
      return text('cancelled')
    }
    default:
      throw Object.assign(new Error(`no tool ${name}`), { code: -32602, data: { name } })
  }
}

async function answer({ id, method, params = {} }: Json): Promise<void> {
  try {
    switch (method) {
      case 'initialize': {
        if (mode === 'crash-at-start') process.exit(1)
        if (mode === 'modern-only')
          throw Object.assign(new Error('Unsupported protocol version'), {
            code: -32022,
            data: { supported: ['2026-07-28'] },
          })
        return send({
          id,
          result: {
            protocolVersion: params.protocolVersion,
            capabilities: { tools: { listChanged: true }, resources: {} },
            serverInfo: { name: 'fixture', version: '1' },
            instructions: 'Be careful.',
            extra: { kept: true },
          },
        })
      }
      case 'tools/list': {
        if (mode === 'crash-at-list') {
          process.stderr.write('no such database\n')
          process.exit(1)
        }
        if (mode === 'hang-at-list') return
        const all = tools()
        const from = Number(params.cursor ?? 0)
        const page = mode === 'paged' ? 2 : 1000
        return send({
          id,
          result: {
            tools: all.slice(from, from + page),
            ...(from + page < all.length ? { nextCursor: String(from + page) } : {}),
          },
        })
      }
      case 'resources/list':
        return send({ id, result: { resources: [{ uri: 'file:///a', name: 'a' }] } })
      case 'logging/setLevel':
      case 'resources/subscribe':
        lasting.push(method)
        return send({ id, result: {} })
      case 'resources/templates/list':
        throw Object.assign(new Error('Method not found'), { code: -32601 })
      case 'tools/call':
        return send({ id, result: await call(id, params) })
      default:
        throw Object.assign(new Error(`Method not found: ${method}`), { code: -32601 })
    }
  } catch (thrown) {
    const { code = -32603, message, data } = thrown as Error & { code?: number; data?: unknown }
    send({ id, error: { code, message, ...(data === undefined ? {} : { data }) } })
  }
}

if (mode === 'stray') process.stdout.write('Welcome to the fixture\n')
if (mode === 'stubborn' || mode === 'family') {
  process.on('SIGTERM', () => undefined)
  process.on('SIGHUP', () => undefined)
}
if (mode === 'family') {
  // One in the group, one that leaves it: both ignore SIGTERM, and outlive whoever started them.
  for (const detached of [false, true]) {
    const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
      detached,
    })
    appendFileSync(detail, `${child.pid}\n`)
    child.unref()
  }
}
if (mode !== 'hang') {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    lastLine = line
    const message = JSON.parse(line) as Json
    if (message['method'] === 'notifications/cancelled') return running.get(message['params']?.requestId)?.()
    if (message['method'] === undefined) {
      waiting.get(String(message['id']))?.(message)
      return
    }
    if (message['id'] !== undefined) void answer(message)
  })
  lines.on('close', () => {
    if (mode !== 'stubborn' && mode !== 'family') process.exit(0)
  })
}
// The end of its input alone does not end it.
if (mode === 'hang' || mode === 'stubborn' || mode === 'family') setInterval(() => undefined, 1000)
if (mode === 'family') appendFileSync(detail, `${process.pid}\n`)
