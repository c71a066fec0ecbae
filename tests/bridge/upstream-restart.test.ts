import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { expect, test } from 'vitest'
import { startFixture } from '../conformance/fixture/start-fixture.ts'
import { startTestEngine } from '../support/start-test-engine.ts'

test(
  'after a restart of Hallpass a client continues with the same names, cached lists and working requests',
  { timeout: 60_000 },
  async () => {
    const fixture = await startFixture({ eras: 'legacy' })
    let engine = await startTestEngine({ sample: false })
    const { home, url } = engine
    try {
      await engine.owner.projects.create({ name: 'p' })
      await engine.owner.connections.create({ name: 'up', project: 'p', config: { kind: 'mcp', url: fixture.url } })
      const { secret } = await engine.owner.tokens.create({ project: 'p', name: 't', kind: 'access', clone: true })
      const client = new Client({ name: 'stays', version: '1' }, { capabilities: { elicitation: { form: {} } } })
      client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { response: 'yes' } }))
      const transport = new StreamableHTTPClientTransport(new URL(`${url}/projects/p/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${secret}` } },
      })
      await client.connect(transport as never)
      const before = (await client.listTools()).tools.map((tool) => tool.name)
      await engine.stop()
      engine = await startTestEngine({ home, port: Number(new URL(url).port), sample: false })
      expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(before)
      const asked = (await client.callTool({
        name: 'up__test_elicitation',
        arguments: { message: 'Still there?' },
      })) as Record<string, any>
      expect(asked['content'][0].text).toContain('action=accept')
      await client.close()
    } finally {
      await engine[Symbol.asyncDispose]()
      await fixture.close()
    }
  },
)
