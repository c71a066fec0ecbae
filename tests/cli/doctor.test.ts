import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkMachine } from '../../src/cli/doctor/check-machine.ts'
import type { Finding } from '../../src/cli/doctor/finding.ts'
import { openCommandLine, runInProcess, type CommandLine } from './support/cli-in-process.ts'

const stateOf = (findings: Finding[], check: string) => findings.find((one) => one.check === check)?.state
const notOk = (findings: Finding[]) => findings.filter(({ state }) => state !== 'ok')

describe('doctor', () => {
  let line: CommandLine
  let api: Server
  let status = 200
  const findings = async (): Promise<{ code: number; findings: Finding[] }> => {
    const { code, out } = await line.run('doctor', '-o', 'json')
    return { code, findings: (JSON.parse(out) as { findings: Finding[] }).findings }
  }

  const noProxy = process.env['NO_PROXY']
  beforeAll(async () => {
    process.env['NO_PROXY'] = '127.0.0.1'
    api = createServer((_request, response) => response.writeHead(status).end('{}'))
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
    line = await openCommandLine()
  })
  afterAll(async () => {
    await line[Symbol.asyncDispose]()
    await new Promise((resolve) => api.close(resolve))
    if (noProxy === undefined) delete process.env['NO_PROXY']
    else process.env['NO_PROXY'] = noProxy
  })

  it('finds nothing wrong with a working engine', async () => {
    const { code, out } = await line.run('doctor')
    expect([code, out]).toEqual([0, expect.stringContaining('No problems found.')])
    expect(out).toMatch(/connection sales +Up \(/)
    expect(out).not.toContain('Next:')
  })

  it('warns of a connection that is down and of one in no project, each with the next step', async () => {
    const { port } = api.address() as AddressInfo
    await line.run('create', 'connection', 'weather', '--type', 'http', '--url', `http://127.0.0.1:${port}`)
    expect(notOk((await findings()).findings)).toEqual([
      expect.objectContaining({ check: 'connection weather', next: 'hallpass include weather -p PROJECT' }),
    ])
    status = 500
    const down = await findings()
    expect([down.code, notOk(down.findings)]).toEqual([
      1,
      [
        expect.objectContaining({
          check: 'connection weather',
          next: expect.stringContaining('hallpass test connection weather'),
        }),
      ],
    ])
  })

  it('warns of paused access', async () => {
    await line.run('pause')
    expect(stateOf((await findings()).findings, 'access')).toBe('warning')
    await line.run('resume')
  })

  it('reports files that others can read as a fault, with exit code 2', async () => {
    chmodSync(join(line.engine.home, 'hallpass.db'), 0o644)
    const { code, findings: found } = await findings()
    expect([code, stateOf(found, 'data folder')]).toEqual([2, 'broken'])
    chmodSync(join(line.engine.home, 'hallpass.db'), 0o600)
  })
})

describe('doctor without an engine', () => {
  it('says how to start one', async () => {
    const home = mkdtempSync(join(tmpdir(), 'hallpass-doctor-'))
    const { out } = await runInProcess(home, '', ['doctor'])
    expect(out).toMatch(/engine +The engine isn't running\.\n +Next: hallpass serve/)
    rmSync(home, { recursive: true })
  })

  it('finds a port in use, a proxy for everything and a wrong clock', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    const machine = {
      home: join(tmpdir(), 'hallpass-not-there'),
      environment: { HTTP_PROXY: 'http://proxy:3128', NO_PROXY: 'example.com' },
      now: 0,
      address: { host: '127.0.0.1', port },
    }
    const found = await checkMachine(machine, false)
    expect(['port', 'proxy', 'clock', 'data folder'].map((check) => stateOf(found, check))).toEqual([
      'broken',
      'warning',
      'broken',
      'ok',
    ])
    expect(notOk(found).every(({ next }) => next !== null)).toBe(true)
    const excluded = { ...machine, environment: { HTTP_PROXY: 'http://proxy:3128', NO_PROXY: 'localhost,127.0.0.1' } }
    expect(stateOf(await checkMachine(excluded, true), 'proxy')).toBe('ok')
    await new Promise((resolve) => taken.close(resolve))
  })
})
