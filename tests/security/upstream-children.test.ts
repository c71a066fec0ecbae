import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, describe, expect, it } from 'vitest'
import type { McpConnectionConfig } from '../../src/contract/upstreams/mcp-connection.ts'
import { eventually, fixture, isRunning, openMcpRoom, quietClient } from '../mcp-upstreams/support/mcp-room.ts'
import { startTestEngine } from '../support/start-test-engine.ts'

const folder = mkdtempSync(join(tmpdir(), 'hallpass-children-'))
const stray = new Set<number>()
afterAll(() => {
  // A test that fails must not leave behind what it tests for.
  for (const pid of stray) if (isRunning(pid)) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

let files = 0
/** A file that the fixture writes process ids to. */
const pidFile = (): string => join(folder, `pids-${(files += 1)}`)
function pidsIn(file: string): number[] {
  const pids = readFileSync(file, { encoding: 'utf8', flag: 'a+' })
    .split('\n')
    .filter((line) => line !== '')
    .map(Number)
  for (const pid of pids) stray.add(pid)
  return pids
}
const running = (pids: number[]): number[] => pids.filter(isRunning)

/** A server in one of the fixture's modes, and the processes that run it now. No other test's are among them. */
function marked(mode: string): { config: McpConnectionConfig; processes(): number[] } {
  const marker = randomUUID()
  const commandLine = (pid: number): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      return ''
    }
  }
  return {
    config: fixture(mode, marker),
    processes() {
      const all = readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
      const found = all.filter((pid) => commandLine(pid).includes(marker) && isRunning(pid))
      for (const pid of found) stray.add(pid)
      return found
    },
  }
}

// The guarantee applies to every system. The test uses Linux's process table. The tests run at the same time, because most of
// their time is what Hallpass gives a server to end by itself.
describe.skipIf(process.platform !== 'linux').concurrent('Hallpass leaves no child process behind', () => {
  it('of a server that ignores the end of its input and SIGTERM, with children inside and outside its group', async () => {
    await using room = await openMcpRoom()
    const file = pidFile()
    room.keep('up', fixture('family', file))
    const session = room.mcp.openSession('up', quietClient())
    await session.opened()
    await eventually(() => pidsIn(file).length === 3)
    const pids = pidsIn(file)
    expect(running(pids)).toHaveLength(3)
    await room.mcp.close()
    expect(running(pids)).toEqual([])
    expect(readdirSync(join(room.home, 'children'))).toEqual([])
  })

  it('of a server that crashed', async () => {
    await using room = await openMcpRoom()
    const file = pidFile()
    room.keep('up', fixture('family', file))
    const session = room.mcp.openSession('up', quietClient())
    await session.opened()
    await eventually(() => pidsIn(file).length === 3)
    await expect(session.request('tools/call', { name: 'crash' })).rejects.toThrow('exited with code 3')
    await eventually(() => running(pidsIn(file)).length === 0)
  })

  it('when the engine stops during a client’s call', async () => {
    const file = pidFile()
    const engine = await startTestEngine({ sample: false })
    await engine.owner.projects.create({ name: 'p' })
    await engine.owner.connections.create({ name: 'up', project: 'p', config: fixture('family', file) })
    await eventually(() => running(pidsIn(file)).length === 0)
    const { secret } = await engine.owner.tokens.create({ project: 'p', name: 't', kind: 'access', clone: true })
    const client = new Client({ name: 'test', version: '0' })
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${engine.url}/projects/p/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${secret}` } },
      }),
    )
    const call = client.callTool({ name: 'up__slow', arguments: { forever: true } }).catch((thrown: unknown) => thrown)
    await eventually(() => running(pidsIn(file)).length === 3)
    await client.close()
    await call
    await engine.stop()
    expect(running(pidsIn(file))).toEqual([])
    rmSync(engine.home, { recursive: true, force: true })
  })

  it('of a server that hangs while it starts', async () => {
    await using room = await openMcpRoom()
    const { config, processes } = marked('hang')
    room.keep('up', config)
    const opening = room.mcp.openSession('up', quietClient()).opened()
    const failed = expect(opening).rejects.toBeInstanceOf(Error)
    await eventually(() => processes().length > 0)
    await room.mcp.close()
    await failed
    expect(processes()).toEqual([])
  })

  it.each([0, 5, 15, 30, 60, 120])('of a server that started %i ms before Hallpass quits', async (delay) => {
    await using room = await openMcpRoom()
    const { config, processes } = marked('stubborn')
    room.keep('up', config)
    const opening = room.mcp.openSession('up', quietClient()).opened()
    const ended = opening.catch((thrown: unknown) => thrown)
    await new Promise((resolve) => setTimeout(resolve, delay))
    await room.mcp.close()
    expect(processes()).toEqual([])
    await ended
  })

  it('of a server that was stopped with SIGSTOP', async () => {
    await using room = await openMcpRoom()
    const { config, processes } = marked('stubborn')
    room.keep('up', config)
    await room.mcp.openSession('up', quietClient()).opened()
    const [pid] = processes()
    process.kill(pid as number, 'SIGSTOP')
    await room.mcp.close()
    expect(processes()).toEqual([])
  })

  it('of a refresh in the background', async () => {
    await using room = await openMcpRoom()
    const { config, processes } = marked('hang-at-list')
    room.keep('up', config)
    room.mcp.catalog('up')
    await eventually(() => processes().length > 0)
    await room.mcp.close()
    expect(processes()).toEqual([])
  })

  it('of a connection that is deleted while it runs', async () => {
    await using room = await openMcpRoom()
    const { config, processes } = marked('stubborn')
    room.keep('up', config)
    await room.mcp.openSession('up', quietClient()).opened()
    await room.mcp.forget(room.store.read.connection('up')?.id ?? 0)
    expect(processes()).toEqual([])
  })

  it('after the next start, if Hallpass was killed, however a child hides', async () => {
    await using room = await openMcpRoom()
    const file = pidFile()
    const engine = spawn(
      process.execPath,
      [
        fileURLToPath(new URL('support/host-to-kill.ts', import.meta.url)),
        room.home,
        JSON.stringify(fixture('family', file)),
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    )
    await eventually(() => pidsIn(file).length === 3, 20_000)
    const pids = pidsIn(file)
    engine.kill('SIGKILL')
    await new Promise((resolve) => engine.once('exit', resolve))
    expect(running(pids)).toHaveLength(3)
    await room.restart()
    await eventually(() => running(pids).length === 0)
    await eventually(() => readdirSync(join(room.home, 'children')).length === 0)
    expect(room.errors).toEqual([])
  })

  it('of its process groups when the app exits without stopping it', async () => {
    await using room = await openMcpRoom()
    const file = pidFile()
    const host = spawn(
      process.execPath,
      [
        fileURLToPath(new URL('support/host-to-kill.ts', import.meta.url)),
        room.home,
        JSON.stringify(fixture('family', file)),
        'exit',
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    )
    await new Promise((resolve) => host.once('exit', resolve))
    const [inGroup, , self] = pidsIn(file)
    await eventually(() => !isRunning(inGroup as number) && !isRunning(self as number))
  })
})

it('the cleanup at the start leaves a process alone that only has the ID of an earlier child', async () => {
  await using room = await openMcpRoom()
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  stray.add(bystander.pid as number)
  const { mkdirSync, writeFileSync } = await import('node:fs')
  mkdirSync(join(room.home, 'children'), { recursive: true })
  writeFileSync(
    join(room.home, 'children', '00000000-0000-4000-8000-000000000000'),
    JSON.stringify({ pid: bystander.pid, start: 'another run of that number' }),
  )
  writeFileSync(
    join(room.home, 'children', '00000000-0000-4000-8000-000000000001'),
    JSON.stringify({ pid: 1, start: null }),
  )
  writeFileSync(join(room.home, 'children', '00000000-0000-4000-8000-000000000002'), '{"pid":')
  await room.restart()
  await eventually(() => readdirSync(join(room.home, 'children')).length === 0)
  expect(isRunning(bystander.pid as number)).toBe(true)
})
