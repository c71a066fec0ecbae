import { Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSession } from '../bridge/support/start-bridge-rig.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { WALKS } from './architecture-walks.ts'

/** Listens on the socket, so it isn't on the stack of a request; and the call's row is opened beside the way of the request. */
const BESIDE_THE_STACK = ['engine/http/create-http-server.ts', 'engine/calls/open-call.ts']

let engine: TestEngine
let stackTraceLimit: number

beforeAll(async () => {
  stackTraceLimit = Error.stackTraceLimit
  Error.stackTraceLimit = 500
  engine = await startTestEngine()
  await engine.owner.projects.create({ name: 'p' })
  await engine.owner.connections.create({
    name: 'up',
    project: 'p',
    config: {
      kind: 'mcp',
      command: process.execPath,
      args: [join(import.meta.dirname, '../../bench/stdio-upstream.ts')],
    },
  })
  await engine.owner.connections.include({ name: 'sales', project: 'p' })
})
afterAll(async () => {
  Error.stackTraceLimit = stackTraceLimit
  await engine?.[Symbol.asyncDispose]()
})

/** Files under src/ on a stack, outermost first, each once. */
function filesOf(stack: string): string[] {
  const files = stack.split('\n').flatMap((line) => /\/src\/((?:[\w-]+\/)+[\w-]+\.ts)/.exec(line)?.[1] ?? [])
  return [...new Set(files.toReversed())]
}

/** Returns the files through which a call went when it was about to send something that `matches` with that method. */
async function stackOf(
  sender: object,
  method: 'send' | 'write',
  matches: (given: unknown) => boolean,
  call: () => Promise<unknown>,
): Promise<string[]> {
  const target = sender as Record<string, (...given: unknown[]) => unknown>
  const original = target[method]
  const stacks: string[] = []
  target[method] = function (this: unknown, ...given: unknown[]) {
    if (matches(given[0])) stacks.push(new Error('stack').stack ?? '')
    return Reflect.apply(original as (...given: unknown[]) => unknown, this, given)
  }
  try {
    await call()
  } finally {
    target[method] = original as (...given: unknown[]) => unknown
  }
  expect(stacks).toHaveLength(1)
  return filesOf(stacks[0] ?? '')
}

function walk(title: string): string[] {
  return (WALKS.find((each) => each.title === title)?.steps ?? []).map(({ file }) => file)
}

test.each([
  ['a plain one', {}],
  ['one that asks for progress', { _meta: { progressToken: 1 } }],
])('an MCP call passes through exactly the files of its walkthrough: %s', async (_title, more) => {
  const { secret } = await engine.owner.tokens.create({
    project: 'p',
    name: `mcp-${Object.keys(more).length}`,
    kind: 'access',
    clone: true,
  })
  const session = await openSession(`${engine.url}/projects/p/mcp`, secret ?? '')
  const params = { name: 'up__echo', arguments: {}, ...more }
  expect((await session.send('tools/call', params)).status).toBe(200)
  const files = await stackOf(
    Socket.prototype,
    'write',
    (text) => String(text).includes('"tools/call"'),
    () => session.send('tools/call', params),
  )
  const title = 'Walk: an MCP call to an MCP server'
  expect(files).toEqual(walk(title).filter((file) => !BESIDE_THE_STACK.includes(file)))
})

test('add_records through the proxy passes through exactly the files of its walkthrough', async () => {
  const { secret } = await engine.owner.tokens.create({
    project: 'p',
    name: 'proxy',
    kind: 'access',
    grants: [{ connection: 'sales', permissions: ['read', 'write'] }],
  })
  const { body } = await post(`${engine.url}/api/v1/sessions`, secret ?? '', {
    document: 'sales',
    permissions: ['write'],
  })
  const add = () =>
    post(`${engine.url}/api/v1/proxy`, body['token'], {
      method: 'add_records',
      table: 'Orders',
      records: [{ Customer: 1 }],
    })
  expect((await add()).body).toEqual({ success: true, data: expect.anything() })
  const isJob = (bytes: unknown): boolean => String(bytes).includes('"kind":"job"')
  const files = await stackOf(Socket.prototype, 'write', isJob, add)
  const title = 'Walk: a document call through the proxy'
  expect(files).toEqual(walk(title).filter((file) => !BESIDE_THE_STACK.includes(file)))
})
