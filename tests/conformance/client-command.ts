/**
 * What the suite runs as the client under test: a whole Hallpass with the suite's server as its one upstream, passed through, and an
 * SDK client in front that does what the scenario is about. Run with `direct` before the address, the client alone does it.
 */
import { rmSync } from 'node:fs'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { startTestEngine } from '../support/start-test-engine.ts'

type Json = Record<string, any>
const [, , ...given] = process.argv
const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? ''
const revision = process.env['MCP_CONFORMANCE_PROTOCOL_VERSION'] ?? '2025-11-25'
const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as Json
const upstream = given.at(-1) ?? ''
const CAPABILITIES = { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} }

type Owner = Awaited<ReturnType<typeof startTestEngine>>['owner']

/** `signInAgain` is true when the owner was asked to, and did. */
async function throughHallpass(): Promise<{
  url: string
  headers: Record<string, string>
  signInAgain(): Promise<boolean>
  close(): Promise<void>
}> {
  const engine = await startTestEngine({ sample: false })
  const { owner } = engine
  const oauth = scenario.startsWith('auth/')
  await owner.projects.create({ name: 'through' })
  const { client_id: clientId, client_secret: clientSecret } = (
    scenario === 'auth/pre-registration' ? context : {}
  ) as { client_id?: string; client_secret?: string }
  await owner.connections.create({
    name: 'suite',
    project: 'through',
    config: {
      kind: 'mcp',
      url: upstream,
      trust: 'all',
      pass_through: true,
      ...(oauth ? { oauth: true } : {}),
      ...(clientId === undefined ? {} : { oauth_client_id: clientId }),
    },
    ...(clientSecret === undefined ? {} : { secret: { value: clientSecret } }),
  })
  if (oauth) await signIn(owner)
  const { secret } = await owner.tokens.create({ project: 'through', name: 'suite', kind: 'access', clone: true })
  return {
    url: `${engine.url}/projects/through/mcp`,
    headers: { authorization: `Bearer ${secret}` },
    async signInAgain() {
      const { message } = (await owner.connections.get({ name: 'suite' })).health
      if (!/requires you to sign in|Sign-in required/.test(message ?? '')) return false
      await signIn(owner)
      return true
    },
    // The suite waits for the process to end, and nothing needs a clean shutdown.
    async close() {
      await Promise.race([engine.stop(), new Promise((resolve) => setTimeout(resolve, 500))])
      rmSync(engine.home, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** What the owner's browser does. */
async function signIn(owner: Owner): Promise<void> {
  const before = (await owner.connections.get({ name: 'suite' })).health.checked_at
  const { authorize_url: address } = await owner.connections.signIn({ name: 'suite' })
  const onward = await fetch(address, { redirect: 'manual' })
  await fetch(onward.headers.get('location') ?? '')
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await owner.connections.get({ name: 'suite' })).health.checked_at !== before) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function act(client: Client): Promise<void> {
  const { tools } = client.getServerCapabilities()?.tools === undefined ? { tools: [] } : await client.listTools()
  const calls =
    (context['toolCalls'] as Json[] | undefined) ??
    tools.map((tool) => ({ name: tool.name, arguments: argumentsFor(tool.inputSchema as Json) }))
  for (const call of calls) {
    // Requests the schema of another tool, to compare it after all hops.
    const schema = tools.find((tool) => tool.name !== 'json_schema_echo')?.inputSchema
    const sent = call['name'] === 'json_schema_echo' ? { ...call, arguments: { schema } } : call
    await client
      .callTool(sent as { name: string })
      .catch((error: unknown) => console.error(`${call['name']}: ${String(error)}`))
  }
  if (client.getServerCapabilities()?.resources !== undefined) {
    for (const { uri } of (await client.listResources()).resources) await client.readResource({ uri })
  }
  if (client.getServerCapabilities()?.prompts !== undefined) {
    for (const { name } of (await client.listPrompts()).prompts) await client.getPrompt({ name })
  }
}

function argumentsFor({ properties = {} }: Json): Json {
  const numbers = [5, 3]
  return Object.fromEntries(
    Object.entries(properties as Json).map(([name, schema]) => {
      if (schema.type === 'number' || schema.type === 'integer') return [name, numbers.shift() ?? 1]
      return [name, schema.type === 'boolean' ? true : 'text']
    }),
  )
}

const target =
  given[0] === 'direct'
    ? { url: upstream, headers: {}, signInAgain: async () => false, close: async () => {} }
    : await throughHallpass()
const mode = revision === '2026-07-28' ? { pin: revision } : 'legacy'
const client = new Client(
  { name: 'suite-client', version: '1.0.0' },
  { capabilities: CAPABILITIES, versionNegotiation: { mode } },
)
client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }))
client.setRequestHandler(
  'sampling/createMessage',
  () => ({ role: 'assistant', model: 'none', content: { type: 'text', text: 'Yes.' } }) as never,
)
client.setRequestHandler('roots/list', () => ({ roots: [] }))
try {
  await client.connect(
    new StreamableHTTPClientTransport(new URL(target.url), { requestInit: { headers: target.headers } }),
  )
  await act(client).catch((error: unknown) => console.error(String(error)))
  // The session stays. The owner signs in when Hallpass requires it, at most a few times.
  for (let round = 0; round < 5 && (await target.signInAgain()); round += 1)
    await act(client).catch((error: unknown) => console.error(String(error)))
} finally {
  await client.close()
  await target.close()
}
process.exit(0)
