import { afterEach, beforeEach, expect, it } from 'vitest'
import { openMcpRoom, quietClient, textOf, type McpRoom } from './support/mcp-room.ts'
import { scriptedCommand } from './support/scripted-command.ts'

/** Faults that people reported of other gateways and proxies, in their smallest form. */
const FINE = { name: 'fine', inputSchema: { type: 'object' } }

let room: McpRoom
beforeEach(async () => {
  room = await openMcpRoom()
})
afterEach(() => room[Symbol.asyncDispose]())

const call = () => room.mcp.openSession('up', quietClient()).request('tools/call', { name: 'fine' })

it('an output schema reaches clients, also a nested one', async () => {
  const outputSchema = { type: 'object', properties: { list: { type: 'array', items: { type: 'object' } } } }
  await room.add('up', scriptedCommand(room.home, 'up', { tools: [{ ...FINE, outputSchema }] }))
  expect(room.mcp.catalog('up').tools[0]?.definition['outputSchema']).toEqual(outputSchema)
})

it('structured content reaches clients next to text that only summarizes it', async () => {
  const result = { content: [{ type: 'text', text: '6 projects' }], structuredContent: { projects: [1, 2, 3] } }
  await room.add('up', scriptedCommand(room.home, 'up', { tools: [FINE], result }))
  expect(await call()).toEqual(result)
})

it('a process that exits before it answers initialize is an error immediately, with its own output', async () => {
  const broken = scriptedCommand(room.home, 'up', { exit: 1, stderr: "Cannot find module './tools/index'\n" })
  await expect(room.mcp.check(broken, undefined)).rejects.toMatchObject({
    code: 'UPSTREAM_ERROR',
    message: expect.stringContaining("Cannot find module './tools/index'"),
  })
})

it('simultaneous clients each get their own results', async () => {
  await room.add('up', scriptedCommand(room.home, 'up', { tools: [FINE, { ...FINE, name: 'other' }] }))
  const answers = await Promise.all(
    ['fine', 'other', 'fine', 'other'].map((name) =>
      room.mcp.openSession('up', quietClient()).request('tools/call', { name }),
    ),
  )
  expect(answers.map(textOf)).toEqual(['ran fine', 'ran other', 'ran fine', 'ran other'])
})
