import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { McpUpstreams } from '../../src/engine/mcp-upstreams/mcp-upstreams.ts'
import { openSession, startBridgeRig, type BridgeRig } from './support/start-bridge-rig.ts'

describe('an internal failure during a tool call', () => {
  let rig: BridgeRig
  let token: string
  let isBroken: boolean

  beforeEach(async () => {
    isBroken = false
    const upstreams = {
      catalog: (connection: string) => {
        if (isBroken) throw new Error('catalog lost')
        return {
          connection,
          state: 'fresh',
          revision: 1,
          capabilities: {},
          tools: [],
          resources: [],
          resourceTemplates: [],
          prompts: [],
          quarantined: [],
        }
      },
      refreshed: async () => upstreams.catalog('tracker'),
      onChange: () => () => {},
      judge: () => null,
    } as unknown as McpUpstreams
    rig = await startBridgeRig({ upstreams })
    token = await rig.token('one', [{ connection: 'tracker', permissions: ['read', 'write'] }])
  })
  afterEach(() => rig[Symbol.asyncDispose]())

  async function callWhileBroken(name: string, args: object = {}) {
    const session = await openSession(rig.url, token)
    isBroken = true
    rig.rows.length = 0
    return session.tool(name, args)
  }

  test("is logged and reported if the upstream of a tool can't be looked up", async () => {
    const answer = await callWhileBroken('tracker__list')
    expect(answer?.['result'].isError).toBe(true)
    expect(rig.rows).toMatchObject([{ method: 'tracker__list', status: 500, code: 'INTERNAL', token: 'one' }])
    expect(rig.reported).toMatchObject([{ message: 'catalog lost' }])
  })

  test.each([
    ['search_tools', { query: 'list' }],
    ['describe_tool', { name: 'tracker__list' }],
  ])('is logged and reported if %s fails', async (name, args) => {
    rig.store.write.updateProject(rig.store.read.project('demo')?.id ?? 0, { mode: 'search' })
    const answer = await callWhileBroken(name, args)
    expect(answer?.['result'].isError).toBe(true)
    expect(rig.rows).toMatchObject([{ method: name, status: 500, code: 'INTERNAL' }])
    expect(rig.reported).toMatchObject([{ message: 'catalog lost' }])
  })

  test("is logged and reported if the upstream of a resource can't be looked up", async () => {
    const session = await openSession(rig.url, token)
    isBroken = true
    rig.rows.length = 0
    const { body } = await session.send('resources/read', { uri: 'file:///x' })
    expect(body?.['error']).toBeDefined()
    expect(rig.rows).toMatchObject([{ method: 'resources/read', status: 400 }])
    expect(rig.reported).toMatchObject([{ message: 'catalog lost' }])
  })
})
