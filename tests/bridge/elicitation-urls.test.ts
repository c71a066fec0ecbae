import { expect, test } from 'vitest'
import {
  isSafeToOpen,
  requireSafeElicitation,
  requireSafeInputs,
  safeError,
} from '../../src/engine/bridge/upstream/elicitation-urls.ts'
import { McpUpstreamError } from '../../src/engine/mcp-upstreams/mcp-upstreams.ts'

const UNSAFE = [
  'javascript:alert(1)',
  'data:text/html,hello',
  'file:///etc/passwd',
  'vscode://settings',
  'https://bank.example@evil.example/',
  'https://user:password@host.example/',
  'https://@host.example/',
  'not an address',
  '',
  7,
  undefined,
]

test.each(UNSAFE)('never shows %s to a client', (url) => {
  expect(isSafeToOpen(url)).toBe(false)
  expect(() => requireSafeElicitation('elicitation/create', { mode: 'url', url })).toThrow(McpUpstreamError)
  const inputRequests = { one: { method: 'elicitation/create', params: { mode: 'url', url } } }
  expect(() => requireSafeInputs({ resultType: 'input_required', inputRequests })).toThrow(McpUpstreamError)
  const error = safeError(
    new McpUpstreamError(-32042, 'Open this', { elicitations: [{ url: 'https://a.example' }, { url }] }),
  )
  expect(error.code).toBe(-32602)
  expect(JSON.stringify(error.data)).toBe('{"reason":"unsafe_url"}')
})

test.each([
  'https://accounts.example/authorize?next=a@b',
  'http://127.0.0.1:8484/sign-in',
  'https://host.example/@user',
])('shows %s', (url) => {
  expect(isSafeToOpen(url)).toBe(true)
  requireSafeElicitation('elicitation/create', { mode: 'url', url })
  const error = new McpUpstreamError(-32042, 'Open this', { elicitations: [{ url }] })
  expect(safeError(error)).toBe(error)
})

test('leaves forms and other requests alone', () => {
  requireSafeElicitation('elicitation/create', { mode: 'form', url: 'javascript:x' })
  requireSafeElicitation('roots/list', undefined)
  requireSafeInputs({ content: [] })
})
