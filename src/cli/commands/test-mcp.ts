import type { Client } from '@modelcontextprotocol/client'
import { version } from '../../engine/version.ts'
import { EXIT, usageError } from '../errors.ts'
import { commaList } from '../options.ts'
import { printStructured, tableOf, type Format } from '../output.ts'
import { isObject } from '../../engine/text/json.ts'
import { printable } from '../../engine/text/visible-text.ts'

interface TestFlags {
  token?: string
  tool?: string
  args?: string
  expectTools?: string
  timeout: string
  output: Format
}

interface Step {
  step: string
  ok: boolean
  message: string
  ms: number
}

/** What was expected of the server, and is not so. */
class ContractFailed extends Error {}

/** Talks to the server as any client would: connects, lists its tools, calls one. */
export async function testMcp(address: string, flags: TestFlags): Promise<void> {
  const url = URL.parse(address)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw usageError('URL: must be an http or https address, such as http://127.0.0.1:7717/projects/sales/mcp.')
  if (url.username !== '' || url.password !== '')
    throw usageError('URL: must hold no user name or password; give the token in $HALLPASS_TOKEN.')
  const timeout = Number(flags.timeout) * 1000
  if (!(timeout > 0) || timeout > 3_600_000) throw usageError('--timeout: must be a number of seconds above 0.')
  const args = argumentsOf(flags)
  const expected = commaList(flags.expectTools ?? '')
  const token = flags.token ?? process.env['HALLPASS_TOKEN'] ?? ''
  const steps: Step[] = []
  let exit: number = EXIT.success
  const facts: { server: string | null; protocol_version: string | null; tools: string[] } = {
    server: null,
    protocol_version: null,
    tools: [],
  }

  async function step(name: string, act: () => Promise<string>): Promise<void> {
    if (exit !== EXIT.success) return
    const start = performance.now()
    const done = (ok: boolean, message: string): void =>
      void steps.push({
        step: name,
        ok,
        message: message.replaceAll(token === '' ? '\0' : token, '[token]'),
        ms: Math.round(performance.now() - start),
      })
    try {
      done(true, await act())
    } catch (thrown) {
      exit = thrown instanceof ContractFailed ? EXIT.invalid : EXIT.failed
      done(false, sentenceOf(thrown))
    }
  }

  const client = await open(url, token, timeout)
  await step('connect', async () => {
    await client.connect(timeout)
    facts.server = client.name()
    facts.protocol_version = client.version()
    return `${facts.server ?? 'a server without a name'}, protocol ${facts.protocol_version ?? 'unknown'}`
  })
  await step('list tools', async () => {
    facts.tools = await client.tools(timeout)
    return `${facts.tools.length} tools`
  })
  if (expected.length > 0) {
    await step('expected tools', () => {
      const missing = expected.filter((name) => !facts.tools.includes(name))
      if (missing.length > 0) throw new ContractFailed(`not there: ${missing.join(', ')}`)
      return Promise.resolve('all there')
    })
  }
  if (flags.tool !== undefined) await step(`call ${flags.tool}`, () => client.call(flags.tool ?? '', args, timeout))
  await client.close()
  await print({ url: url.href, ok: exit === EXIT.success, ...facts, steps }, flags.output)
  process.exitCode = exit
}

interface TestClient {
  connect(timeout: number): Promise<void>
  name(): string | null
  version(): string | null
  tools(timeout: number): Promise<string[]>
  call(name: string, args: Record<string, unknown>, timeout: number): Promise<string>
  close(): Promise<void>
}

async function open(url: URL, token: string, timeout: number): Promise<TestClient> {
  const sdk = await import('@modelcontextprotocol/client')
  const transport = new sdk.StreamableHTTPClientTransport(url, {
    requestInit: token === '' ? {} : { headers: { Authorization: `Bearer ${token}` } },
  })
  const client: Client = new sdk.Client(
    { name: 'hallpass-test', version },
    { versionNegotiation: { mode: 'auto', probe: { timeoutMs: timeout } } },
  )
  return {
    connect: (within) => client.connect(transport, { timeout: within }),
    name: () => client.getServerVersion()?.name ?? null,
    version: () => client.getNegotiatedProtocolVersion() ?? null,
    async tools(within) {
      try {
        return (await client.listTools({}, { timeout: within })).tools.map((tool) => tool.name)
      } catch (thrown) {
        throw contractOf(thrown)
      }
    },
    async call(name, args, within) {
      const result = await client.callTool({ name, arguments: args }, { timeout: within }).catch((thrown: unknown) => {
        throw contractOf(thrown)
      })
      if (result.isError === true) throw new ContractFailed(`the tool answers with an error: ${textOf(result.content)}`)
      return textOf(result.content)
    },
    async close() {
      // Over already for a server that was not reached.
      await transport.terminateSession().catch(() => undefined)
      await client.close().catch(() => undefined)
    },
  }

  /** An answer that is an error was reached and allowed; everything else is the way there. */
  function contractOf(thrown: unknown): unknown {
    return thrown instanceof sdk.ProtocolError ? new ContractFailed(thrown.message) : thrown
  }
}

function argumentsOf({ args, tool }: TestFlags): Record<string, unknown> {
  if (args === undefined) return {}
  if (tool === undefined) throw usageError('--args belongs to --tool.')
  try {
    const value: unknown = JSON.parse(args)
    if (isObject(value)) return value
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
  }
  throw usageError('--args: must be a JSON object, such as \'{"table":"Orders"}\'.')
}

function textOf(content: readonly { type: string }[]): string {
  const texts = content.map((block) =>
    'text' in block && typeof block.text === 'string' ? block.text : `[${block.type}]`,
  )
  const whole = texts.join(' ').replaceAll(/\s+/g, ' ').trim()
  return whole.length > 300 ? `${whole.slice(0, 300)}…` : whole
}

function sentenceOf(thrown: unknown): string {
  const { message, data } = thrown as Error & { data?: { status?: number } }
  if (data?.status === 401) return 'the token is missing or not taken (HTTP 401). Give it in $HALLPASS_TOKEN'
  if (data?.status === 403) return 'the token is not allowed here (HTTP 403)'
  if (data?.status === 404) return 'there is nothing at this address (HTTP 404)'
  for (let cause: unknown = thrown; cause instanceof Error; cause = cause.cause) {
    const found = NETWORK.get((cause as NodeJS.ErrnoException).code ?? '')
    if (found !== undefined) return found
  }
  return (message ?? String(thrown)).replaceAll(/\s+/g, ' ').slice(0, 300)
}

const NETWORK: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no such host'],
  ['ECONNRESET', 'the server closed the connection'],
  ['UND_ERR_CONNECT_TIMEOUT', 'the server does not answer'],
  ['CERT_HAS_EXPIRED', 'the certificate of the server has expired'],
])

async function print(report: { url: string; ok: boolean; steps: Step[] }, output: Format): Promise<void> {
  if (output !== 'table') return printStructured(report, output)
  process.stdout.write(
    tableOf(report.steps, [
      { title: 'STEP', value: (row) => row.step },
      { title: 'RESULT', value: (row) => (row.ok ? 'pass' : 'FAIL') },
      { title: 'MS', value: (row) => row.ms },
      { title: 'DETAIL', value: (row) => printable(row.message) },
    ]),
  )
}
