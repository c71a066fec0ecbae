import { expect, test } from 'vitest'
import { createCatalogNames } from '../../src/engine/bridge/upstream/catalog-names.ts'
import type { McpCatalog } from '../../src/engine/mcp-upstreams/mcp-upstreams.ts'

const catalog = (connection: string): McpCatalog => ({
  connection,
  state: 'fresh',
  problem: null,
  revision: 1,
  fetchedAt: null,
  era: null,
  protocolVersion: null,
  serverInfo: null,
  capabilities: {},
  instructions: null,
  tools: [{ name: 'list', definition: { inputSchema: { type: 'object' } }, permission: 'read' }],
  resources: [],
  resourceTemplates: [],
  prompts: [],
  quarantined: [],
  leftOut: null,
})

test('drops the names of a deleted connection, and returns the same object for the others', () => {
  const names = createCatalogNames({ catalog })
  const kept = names.of('kept')
  const gone = names.of('gone')
  names.prune((connection) => connection === 'kept')
  expect(names.of('kept')).toBe(kept)
  expect(names.of('gone')).not.toBe(gone)
})
