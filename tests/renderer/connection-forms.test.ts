import { describe, expect, test } from 'vitest'
import {
  EMPTY_HTTP,
  HTTP_FIELDS,
  httpProblems,
  httpConfig,
} from '../../src/renderer/features/connections/add/http/http-values.ts'
import {
  EMPTY_MCP,
  MCP_FIELDS,
  mcpProblems,
  mcpConfig,
  usesSecret,
} from '../../src/renderer/features/connections/add/mcp/mcp-values.ts'
import { fieldLabel, formField } from '../../src/renderer/lib/field-labels.ts'
import { splitCommand } from '../../src/renderer/features/connections/add/mcp/split-command.ts'
import {
  suggestCommandName,
  suggestFileName,
  suggestDocumentName,
  suggestHostName,
} from '../../src/renderer/features/connections/add/suggest-name.ts'

describe('a command line', () => {
  test('an open quote is rejected and named', () => {
    expect(splitCommand('run "half')).toMatch(/double quote/)
    expect(splitCommand("run 'half")).toMatch(/single quote/)
  })
  test('shell syntax has no special meaning', () => {
    expect(splitCommand('echo $HOME `id` $(id) | tee > x ; y && z * ~')).toEqual([
      'echo',
      '$HOME',
      '`id`',
      '$(id)',
      '|',
      'tee',
      '>',
      'x',
      ';',
      'y',
      '&&',
      'z',
      '*',
      '~',
    ])
  })
  test('quotes group words, empty quotes are words, and Windows paths keep their backslashes', () => {
    expect(splitCommand(String.raw`  "C:\Program Files\node.exe"  C:\x\y 'a "b"' "a \"b\"" "" two\ words `)).toEqual([
      String.raw`C:\Program Files\node.exe`,
      String.raw`C:\x\y`,
      'a "b"',
      'a "b"',
      '',
      'two words',
    ])
  })
})

describe('the request', () => {
  test('for an HTTP API names each invalid field', () => {
    const flaws = httpProblems({
      ...EMPTY_HTTP,
      url: 'ftp://x',
      authMethod: 'header',
      authName: 'a b',
      rules: [{ id: 1, method: 'any', path: 'v1', permission: 'read' }],
      healthPath: 'x',
    })
    expect(
      Object.entries(flaws)
        .filter(([, flaw]) => flaw !== null)
        .map(([field]) => field),
    ).toEqual(['url', 'name', 'authName', 'rules', 'healthPath'])
    expect(httpProblems({ ...EMPTY_HTTP, name: 'x', url: 'https://user:key@api.example.com' }).url).toMatch(
      /Remove the username and password/,
    )
  })
  test('for an HTTP API leaves out empty fields', () => {
    expect(httpConfig({ ...EMPTY_HTTP, name: 'x', url: ' https://api.example.com/v2 ' })).toEqual({
      kind: 'http',
      url: 'https://api.example.com/v2',
      auth: { type: 'bearer' },
    })
    expect(
      httpConfig({
        ...EMPTY_HTTP,
        name: 'x',
        url: 'https://a.example',
        authMethod: 'header',
        authName: 'X-Key',
        timeout: 30,
        rules: [{ id: 1, method: 'POST', path: '/search', permission: 'read' }],
      }),
    ).toEqual({
      kind: 'http',
      url: 'https://a.example',
      auth: { type: 'header', name: 'X-Key' },
      timeout_ms: 30_000,
      rules: [{ methods: ['POST'], path: '/search', permission: 'read' }],
    })
  })
  test('for an HTTP API has what the owner allowed, under the labels of the form', () => {
    const allowed = { systemProxy: true, encodedSlash: true, range: true }
    expect(httpConfig({ ...EMPTY_HTTP, name: 'x', url: 'https://a.example', ...allowed })).toMatchObject({
      proxy: 'system',
      allow_encoded_slash: true,
      allow_range: true,
    })
    for (const [field, place] of [
      ['config.proxy', 'systemProxy'],
      ['config.allow_encoded_slash', 'encodedSlash'],
      ['config.allow_range', 'range'],
    ] as const)
      expect([formField(HTTP_FIELDS, field), fieldLabel(field, 'http')]).toEqual([place, expect.stringMatching(/\w/)])
  })
  test('for an MCP server rejects an incomplete variable and duplicate names', () => {
    const row = { id: 1, name: 'TOKEN', source: 'env', text: 'HERE', touched: true } as const
    expect(mcpProblems({ ...EMPTY_MCP, name: 'x', command: 'run', env: [{ ...row, text: '' }] }).env).toMatch(
      /unfinished variable/,
    )
    expect(mcpProblems({ ...EMPTY_MCP, name: 'x', command: 'run', env: [row, { ...row, id: 2 }] }).env).toMatch(
      /unique/,
    )
  })
  test('for an MCP server refers to secrets without containing them', () => {
    const fields = {
      ...EMPTY_MCP,
      transport: 'address',
      name: 'x',
      url: 'https://mcp.example.com/mcp',
      headers: [{ id: 1, name: 'Authorization', source: 'keychain', text: '', touched: true }],
    } as const
    expect(usesSecret({ ...fields, headers: [...fields.headers] })).toBe(true)
    expect(mcpConfig({ ...fields, headers: [...fields.headers] })).toEqual({
      kind: 'mcp',
      url: fields.url,
      headers: { Authorization: 'Bearer keychain' },
      trust: 'ask',
    })
  })
  test('for an MCP server has a client ID only with sign-in, and a port only with a client ID', () => {
    const fields = {
      ...EMPTY_MCP,
      transport: 'address',
      name: 'x',
      url: 'https://mcp.example.com/mcp',
      oauth: true,
      clientId: ' c-1 ',
      callbackPort: '80',
    } as const
    const given = { ...fields, headers: [], env: [] }
    expect(mcpProblems(given).callbackPort).toMatch(/1024 to 65535/)
    expect(mcpConfig({ ...given, oauth: false })).toEqual({ kind: 'mcp', url: fields.url, trust: 'ask' })
    expect([usesSecret({ ...given, clientId: '' }), usesSecret(given)]).toEqual([false, true])
    expect(mcpConfig({ ...given, clientId: '' })).toEqual({ kind: 'mcp', url: fields.url, oauth: true, trust: 'ask' })
    expect(mcpConfig({ ...given, callbackPort: '8976' })).toEqual({
      kind: 'mcp',
      url: fields.url,
      oauth: true,
      oauth_client_id: 'c-1',
      oauth_callback_port: 8976,
      trust: 'ask',
    })
  })
})

describe('an error of the engine', () => {
  test('that names an unknown field is shown at no field', () => {
    expect(formField([['config.url', 'url']], undefined)).toBeNull()
    expect(formField([['config.url', 'url']], 'config.urls')).toBeNull()
    expect(formField([['config.url', 'url']], 'config')).toBeNull()
  })
  test('is shown at the form field of its API field, or of the object around it', () => {
    expect(formField(HTTP_FIELDS, 'config.auth.token_url')).toBe('tokenUrl')
    expect(formField(HTTP_FIELDS, 'config.auth.type')).toBe('authMethod')
    expect(formField(MCP_FIELDS, 'config.headers.Authorization')).toBe('headers')
  })
  test("uses the label of the connection's kind", () => {
    expect([
      fieldLabel('config.url', 'http'),
      fieldLabel('config.url', 'mcp'),
      fieldLabel('config.url', 'grist'),
    ]).toEqual(['Base URL', 'Server URL', 'Document URL'])
    expect(fieldLabel('config.rules.0.path', 'http')).toBe('Rules')
    expect(fieldLabel('nothing')).toBeNull()
  })
})

describe('a suggested name', () => {
  test('is empty without anything to derive it from', () => {
    expect(suggestHostName('http://127.0.0.1:8080')).toBe('')
    expect(suggestHostName('not an address')).toBe('')
    expect(suggestDocumentName('https://docs.getgrist.com/sTandInDoc12/p/3', 'sTandInDoc12')).toBe('')
  })
  test('comes from the host, the file, the document or the package', () => {
    expect(suggestHostName('https://api.github.com/v3')).toBe('github')
    expect(suggestFileName('/home/you/Año Fiscal.sqlite')).toBe('ano-fiscal')
    expect(suggestDocumentName('https://docs.getgrist.com/sTandInDoc12/Order-Book/p/3', 'sTandInDoc12')).toBe(
      'order-book',
    )
    expect(suggestCommandName(['npx', '-y', '@modelcontextprotocol/server-everything', 'stdio'])).toBe('everything')
    expect(suggestCommandName(['/usr/bin/node', '/opt/tools/dist.js'])).not.toBe('')
  })
})
