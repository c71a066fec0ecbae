import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { printRequestLog } from '../../src/cli/print-request-log.ts'
import { connectControl } from '../../src/control/control-client.ts'
import { PROGRAM } from '../support/command-line.ts'
import { startTestEngine } from '../support/start-test-engine.ts'

function serve(home: string, args: string[], environment: Record<string, string> = {}) {
  return spawn(process.execPath, [PROGRAM, 'serve', ...args], {
    env: {
      ...process.env,
      HALLPASS_HOME: home,
      HALLPASS_PORT: '0',
      HALLPASS_VAULT_KEY: 'a key for tests only',
      ...environment,
    },
  })
}

test('serve --log-format json prints one line of JSON per logged request, and no sign-in link', async () => {
  const home = mkdtempSync(join(tmpdir(), 'hallpass-output-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const child = serve(home, ['--log-format', 'json', '--metrics'])
  const exited = once(child, 'exit')
  const events: Record<string, any>[] = []
  const lines = createInterface(child.stdout)
  const started = new Promise<void>((resolve) =>
    lines.on('line', (line) => {
      events.push(JSON.parse(line) as Record<string, any>)
      if (events.at(-1)?.['event'] === 'started') resolve()
    }),
  )
  await started
  const url = String(events[0]?.['url'])
  expect(events[0]?.['console']).toBe(`${url}/console/`)
  expect((await fetch(`${url}/metrics`)).status).toBe(200)
  const client = await connectControl({ home })
  const { secret } = await client.api.tokens.create({
    project: 'demo',
    name: 'printed',
    kind: 'access',
    grants: [{ connection: 'sales', permissions: ['read'] }],
  })
  const response = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ document: 'sales', permissions: ['write'] }),
  })
  expect(response.status).toBe(403)
  const rows = (await client.api.requests.list({ limit: 1000 })).filter((row) => row.status !== null)
  client.close()
  child.kill('SIGTERM')
  await exited
  const printed = events.filter((one) => one['event'] === 'request')
  for (const row of rows) expect(printed.filter((one) => one['id'] === row.id)).toEqual([expect.objectContaining(row)])
  expect(printed.at(-1)).toMatchObject({ token: 'printed', status: 403, code: 'UNAUTHORIZED' })
  expect(JSON.stringify(events)).not.toContain('sign-in#')
}, 60_000)

test('serve rejects an unknown log format before it starts', async () => {
  const child = serve(join(tmpdir(), 'never-created'), [], { HALLPASS_LOG_FORMAT: 'xml' })
  let error = ''
  child.stderr.on('data', (chunk) => (error += String(chunk)))
  const [code] = await once(child, 'exit')
  expect([code, error]).toEqual([2, expect.stringContaining('HALLPASS_LOG_FORMAT must be text or json')])
})

test('a stalled reader of the printed log delays nothing, and is told how many lines are missing', async () => {
  await using engine = await startTestEngine()
  const lines: string[] = []
  let goOn: (() => void) | undefined
  const output = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      if (lines.length === 1) goOn = done
      else done()
    },
  })
  const end = new AbortController()
  const printed = printRequestLog(engine, output, end.signal)
  // More than the feed keeps for one reader.
  for (let n = 0; n < 2100; n += 1) await engine.owner.settings.update({ theme: n % 2 === 0 ? 'dark' : 'light' })
  goOn?.()
  await expect.poll(() => lines.some((line) => line.includes('are missing here, but are in the log'))).toBe(true)
  end.abort()
  await printed
})
