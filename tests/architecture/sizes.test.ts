import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readSource, sourceFiles } from './imports.ts'

const MAX_LINES = 250
const MAX_FILES = 15

/** Files that are still too long, with the length that each may have until it is split. Add none. */
const TOO_LONG: Readonly<Record<string, number>> = {
  'contract/errors.ts': 291,
  'engine/access/create-access.ts': 366,
  'engine/bridge/create-bridge.ts': 293,
  'engine/bridge/upstream/lease-link.ts': 306,
  'engine/bridge/upstream/serve-upstream.ts': 304,
  'engine/calls/open-call.ts': 334,
  'engine/documents/grist/grist-client.ts': 297,
  'engine/http-apis/openapi/schema-converter.ts': 290,
  'engine/http-apis/http-upstream.ts': 308,
  'engine/index.ts': 328,
  'engine/mcp-upstreams/catalog/create-catalog.ts': 326,
  'engine/mcp-upstreams/create-mcp-connections.ts': 380,
  'engine/mcp-upstreams/oauth/create-sign-in.ts': 382,
  'engine/mcp-upstreams/session/connection-runtime.ts': 346,
  'engine/mcp-upstreams/session/create-session.ts': 310,
  'engine/mcp-upstreams/session/rpc-peer.ts': 296,
  'renderer/features/log/source/log-source.ts': 315,
}
const LARGE_FOLDERS: Readonly<Record<string, string>> = {
  'cli/commands': 'One file per command, named after it, so that a command is found without looking.',
}

describe('source files', () => {
  test(`have at most ${MAX_LINES} lines`, () => {
    const long = sourceFiles()
      .map((path) => ({ path, lines: readSource(path).split('\n').length - 1 }))
      .filter(({ path, lines }) => lines > (TOO_LONG[path] ?? MAX_LINES))
    expect(long).toEqual([])
  })

  test(`stand at most ${MAX_FILES} in a folder, except where a reason is given`, () => {
    const counts = Map.groupBy(sourceFiles(), (path) => dirname(path))
    const large = [...counts].filter(
      ([folder, files]) => files.length > MAX_FILES && LARGE_FOLDERS[folder] === undefined,
    )
    expect(large.map(([folder, files]) => `${folder}: ${files.length}`)).toEqual([])
  })
})
