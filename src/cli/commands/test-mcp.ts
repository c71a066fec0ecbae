import { isObject } from '../../engine/text/json.ts'
import { printable } from '../../engine/text/visible-text.ts'
import type { Client } from '@modelcontextprotocol/client'
import { version } from '../../engine/version.ts'
import { EXIT, usageError } from '../errors.ts'
import { splitList } from '../flags/options.ts'
import { printStructured, tableOf, type Format } from '../output/output.ts'

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

/** The server responded, but not as expected. */
class ContractFailed extends Error {}

/** Talks to the server as any client would: connects, lists its tools and calls one. */
export async function testMcp(address: string, flags: TestFlags): Promise<void> {
  const url = URL.parse(address)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw usageError(
      'The URL must start with http:// or https://, for example http://127.0.0.1:7717/projects/sales/mcp',
    )
  if (url.username !== '' || url.password !== '')
    throw usageError("The URL can't contain a username or password. Set HALLPASS_TOKEN instead.")
  const timeout = Number(flags.timeout) * 1000
  if (!(timeout > 0) || timeout > 3_600_000)
    throw usageError('--timeout must be more than 0 seconds and at most 3,600.')
  const args = argumentsOf(flags)
  const expected = splitList(flags.expectTools ?? '')
  const token = flags.token ?? process.env['HALLPASS_TOKEN'] ?? ''
  const steps: Step[] = []
  let exit: number = EXIT.success
  const facts: { server: string | null; protocol_version: string | null; tools: string[] } = {
    server: null,
    protocol_version: null,
    tools: [],
  }

  async function step(name: string, action: () => Promise<string>): Promise<void> {
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
      done(true, await action())
    } catch (thrown) {
      exit = thrown instanceof ContractFailed || !isUnreachable(thrown) ? EXIT.invalid : EXIT.failed
      done(false, thrown instanceof ContractFailed ? thrown.message : sentenceOf(thrown, token !== ''))
    }
  }

  const client = await open(url, token, timeout)
  await step('connect', async () => {
    await client.connect(timeout)
    facts.server = client.name()
    facts.protocol_version = client.version()
    return `${facts.server ?? 'unnamed server'}, ${facts.protocol_version === null ? 'unknown protocol' : `protocol ${facts.protocol_version}`}`
  })
  await step('list tools', async () => {
    facts.tools = await client.tools(timeout)
    return `${facts.tools.length} tools`
  })
  if (expected.length > 0) {
    await step('expected tools', () => {
      const missing = expected.filter((name) => !facts.tools.includes(name))
      if (missing.length > 0) throw new ContractFailed(`missing: ${missing.join(', ')}`)
      return Promise.resolve('all found')
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
      if (result.isError === true) throw new ContractFailed(`the tool returned an error: ${textOf(result.content)}`)
      return textOf(result.content)
    },
    async close() {
      // A server that couldn't be reached has no session to end.
      await transport.terminateSession().catch(() => undefined)
      await client.close().catch(() => undefined)
    },
  }

  /** A protocol error means that the server was reached and allowed the request; anything else failed on the way. */
  function contractOf(thrown: unknown): unknown {
    return thrown instanceof sdk.ProtocolError ? new ContractFailed(thrown.message) : thrown
  }
}

function argumentsOf({ args, tool }: TestFlags): Record<string, unknown> {
  if (args === undefined) return {}
  if (tool === undefined) throw usageError('--args can only be used with --tool.')
  try {
    const value: unknown = JSON.parse(args)
    if (isObject(value)) return value
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
  }
  throw usageError('--args must be a JSON object, for example \'{"table":"Orders"}\'')
}

function textOf(content: readonly { type: string }[]): string {
  const texts = content.map((block) =>
    'text' in block && typeof block.text === 'string' ? block.text : `[${block.type}]`,
  )
  const whole = texts.join(' ').replaceAll(/\s+/g, ' ').trim()
  return whole.length > 300 ? `${whole.slice(0, 300)}…` : whole
}

/** Returns whether the server couldn't be reached or denied access. Any other failure is an answer that isn't MCP. */
function isUnreachable(thrown: unknown): boolean {
  const status = statusOf(thrown)
  if (status !== undefined) return status === 401 || status === 403 || status >= 500
  return networkReason(thrown) !== undefined
}

function sentenceOf(thrown: unknown, sentToken: boolean): string {
  const status = statusOf(thrown)
  if (status === 401 && sentToken) return 'the server rejected the token (HTTP 401). Check HALLPASS_TOKEN'
  if (status === 401) return 'missing token (HTTP 401). Set HALLPASS_TOKEN'
  if (status === 403) return 'access denied (HTTP 403)'
  if (status !== undefined && status >= 500) return `the server failed (HTTP ${status})`
  if (status !== undefined) return `no MCP server at this URL (HTTP ${status})`
  // Errors of the validator say what is wrong with a message, which doesn't help if none was meant.
  return networkReason(thrown) ?? "the server responds, but it isn't an MCP server"
}

function statusOf(thrown: unknown): number | undefined {
  return (thrown as { data?: { status?: number } }).data?.status
}

function networkReason(thrown: unknown): string | undefined {
  let reason: string | undefined
  for (let cause: unknown = thrown; cause instanceof Error; cause = cause.cause) {
    const found = NETWORK.get((cause as NodeJS.ErrnoException).code ?? '')
    if (found !== undefined) return found
    if (cause.name === 'TimeoutError' || /timed? ?out/i.test((cause as NodeJS.ErrnoException).code ?? ''))
      return 'no response in time'
    // fetch throws a TypeError if there was no response. Its cause says why, for example an untrusted certificate.
    if (cause.name === 'TypeError' || reason !== undefined) reason = `no response (${cause.message})`
  }
  return reason
}

const NETWORK: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ENOTFOUND', 'host not found'],
  ['ECONNRESET', 'the server closed the connection'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connection timed out'],
  ['CERT_HAS_EXPIRED', "the server's certificate has expired"],
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
