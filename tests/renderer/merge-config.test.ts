import {
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  integer,
  oneof,
  property,
  record,
  string,
  stringMatching,
  uniqueArray,
} from 'fast-check'
import { expect, test } from 'vitest'
import { connectionConfigSchema } from '../../src/contract/owner-api/connections-api.ts'
import { HTTP_METHODS, type HttpConnectionConfig } from '../../src/contract/upstreams/http-connection.ts'
import type { McpConnectionConfig } from '../../src/contract/upstreams/mcp-connection.ts'
import { httpConfig, httpValuesOf } from '../../src/renderer/features/connections/add/http/http-values.ts'
import { mcpConfig, mcpValuesOf } from '../../src/renderer/features/connections/add/mcp/mcp-values.ts'
import { quoteArgument, splitCommand } from '../../src/renderer/features/connections/add/mcp/split-command.ts'
import { mergeConfig } from '../../src/renderer/features/connections/page/settings/merge-config.ts'

const word = stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,8}$/)
const path = word.map((text) => `/${text}`)
const options = { requiredKeys: ['kind' as const, 'url' as const] }
const httpConfigs = record(
  {
    kind: constant('http' as const),
    url: constant('https://api.example.com/v1'),
    auth: oneof(
      constant({ type: 'none' as const }),
      constant({ type: 'bearer' as const }),
      record({ type: constant('header' as const), name: word, prefix: word }, { requiredKeys: ['type', 'name'] }),
      record({
        type: constant('oauth' as const),
        token_url: constant('https://a.example/t'),
        client_id: word,
      }),
    ),
    rules: array(
      record(
        {
          methods: uniqueArray(constantFrom(...HTTP_METHODS), { minLength: 1 }),
          path,
          permission: constant('read' as const),
        },
        { requiredKeys: ['path', 'permission'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    timeout_ms: integer({ min: 100, max: 60_000 }),
    proxy: constantFrom('system' as const, 'none' as const),
    pinned: boolean(),
  },
  options,
)
const mcpConfigs = record(
  {
    kind: constant('mcp' as const),
    command: word,
    args: array(
      string({ maxLength: 12 }).filter((text) => !text.includes('\0')),
      { maxLength: 4 },
    ),
    env: dictionary(word, constantFrom('keychain', 'env:HOME', 'file:/x', 'plain:', 'plain:a b', 'Token keychain')),
    trust: constantFrom('ask' as const, 'all' as const),
  },
  { requiredKeys: ['kind', 'command'] },
)

test('CP1 settings that were opened and not edited are saved unchanged', () => {
  assert(
    property(httpConfigs, (config) => {
      const stored = connectionConfigSchema.parse(config) as HttpConnectionConfig
      const built = httpConfig(httpValuesOf(stored, 'x'))
      expect(mergeConfig(stored, built, built)).toEqual(stored)
    }),
  )
  assert(
    property(mcpConfigs, (config) => {
      const stored = connectionConfigSchema.parse(config) as McpConnectionConfig
      const built = mcpConfig(mcpValuesOf(stored, 'x'))
      expect(mergeConfig(stored, built, built)).toEqual(stored)
    }),
  )
})

test('CP1 an edited field is saved, and everything else stays', () => {
  assert(
    property(httpConfigs, (config) => {
      const values = httpValuesOf(config, 'x')
      const edited = mergeConfig(config, httpConfig(values), httpConfig({ ...values, healthPath: '/health' }))
      expect(edited).toEqual({ ...config, health_path: '/health' })
    }),
  )
  assert(
    property(mcpConfigs, (config) => {
      const values = mcpValuesOf(config, 'x')
      const edited = mergeConfig(config, mcpConfig(values), mcpConfig({ ...values, cwd: '/srv' }))
      expect(edited).toEqual({ ...config, cwd: '/srv' })
    }),
  )
})

test('a command keeps its arguments through the form', () => {
  assert(
    property(mcpConfigs, (config) => {
      const built = mcpConfig(mcpValuesOf(config, 'x'))
      expect([built.command, built.args ?? []]).toEqual([config.command, config.args ?? []])
      expect(built.env ?? {}).toEqual(config.env ?? {})
    }),
  )
})

test('an argument of quotes, backslashes, spaces and line breaks keeps its characters', () => {
  const unit = constantFrom('\\', '"', "'", ' ', '\n', 'a', '/', 'é')
  assert(
    property(array(string({ unit, maxLength: 8 }), { minLength: 1, maxLength: 4 }), (words) => {
      expect(splitCommand(words.map(quoteArgument).join(' '))).toEqual(words)
    }),
    { numRuns: 1_000 },
  )
})
