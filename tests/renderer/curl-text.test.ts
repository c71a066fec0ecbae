import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { DOCUMENT_METHODS, type DocumentMethod } from '../../src/contract/methods/document-methods.ts'
import type { RequestRecord } from '../../src/contract/records.ts'
import { curlText } from '../../src/renderer/features/log/request/curl-text.ts'
import { rowOf } from './support/log-stand-in.ts'

const BASE = 'http://127.0.0.1:7717'

/** What a shell hands to curl. */
function words(row: Partial<RequestRecord>): string[] {
  const text = curlText(rowOf(row), BASE)?.command ?? ''
  const out = execFileSync('/bin/sh', ['-c', `curl() { for word; do printf '%s\\0' "$word"; done; }\n${text}`], {
    env: { HALLPASS_TOKEN: 'the-token' },
    encoding: 'utf8',
  })
  return out.split('\0').slice(0, -1)
}

function bodyOf(given: string[]): Record<string, any> {
  return JSON.parse(given[given.indexOf('-d') + 1] ?? 'null') as Record<string, any>
}

describe('the curl command of a row', () => {
  test('does not exist for an owner action', () => {
    expect(
      curlText(rowOf({ transport: 'control', method: 'projects.create', token: null, token_kind: 'owner' }), BASE),
    ).toBe(null)
  })

  test('has a placeholder in place of the token', () => {
    for (const transport of ['proxy', 'http', 'mcp-http', 'mcp-stdio'] as const) {
      const text = curlText(rowOf({ transport, token: 'sess-1a2b', parent: 'claude' }), BASE)?.command ?? ''
      expect(text).toContain('"Authorization: Bearer $HALLPASS_TOKEN"')
      expect(text).not.toContain('sess-1a2b')
      expect(words({ transport })).toContain('Authorization: Bearer the-token')
    }
  })

  test("keeps a caller's path one shell word", () => {
    const path = `/v1/$(touch pwned)/'; rm -rf /; '\`id\`"`
    expect(words({ transport: 'http', method: 'GET', connection: 'crm', resource: path })).toContain(
      `${BASE}/api/v1/http/crm${path}`,
    )
    expect(bodyOf(words({ resource: path })).table).toBe(path)
    expect(words({ transport: 'mcp-http', method: `x'$(id)` })).toContain(`Mcp-Name: x'$(id)`)
  })

  test('has a valid body for each document method', () => {
    for (const method of Object.keys(DOCUMENT_METHODS) as DocumentMethod[]) {
      const { method: named, ...fields } = bodyOf(words({ method }))
      expect(named).toBe(method)
      expect(DOCUMENT_METHODS[method].fields.safeParse(fields).error, method).toBe(undefined)
    }
    expect(words({ method: 'get_records' })).toContain(`${BASE}/api/v1/proxy`)
    expect(bodyOf(words({ method: 'get_records', resource: 'Orders' })).table).toBe('Orders')
  })

  test('for an HTTP API goes through Hallpass, with the same method', () => {
    const given = words({ transport: 'http', method: 'DELETE', connection: 'crm', resource: '/v1/leads/7' })
    expect(given.slice(0, 4)).toEqual(['-sS', '-X', 'DELETE', `${BASE}/api/v1/http/crm/v1/leads/7`])
    expect(given).not.toContain('-d')
    expect(bodyOf(words({ transport: 'http', method: 'POST', connection: 'crm', resource: '/v1/leads' }))).toEqual({})
  })

  test('for a tool call is one request to the project, without opening a session first', () => {
    const given = words({
      transport: 'mcp-stdio',
      method: 'get_records',
      project: 'sales',
      connection: 'orders',
      resource: 'Orders',
    })
    expect(given).toContain(`${BASE}/projects/sales/mcp`)
    expect(given).toContain('Mcp-Name: get_records')
    expect(bodyOf(given)).toMatchObject({
      method: 'tools/call',
      params: { name: 'get_records', arguments: { document: 'orders', table: 'Orders' } },
    })
  })

  test('for a list of tools requests the list', () => {
    const given = words({ transport: 'mcp-http', method: 'tools/list', connection: null, resource: null })
    expect(bodyOf(given)).toMatchObject({ method: 'tools/list' })
    expect(given).toContain('Mcp-Method: tools/list')
  })

  test('for a minted session token requests another one', () => {
    expect(words({ method: 'request_session_token', connection: 'orders', resource: '/api/v1/sessions' })).toContain(
      `${BASE}/api/v1/sessions`,
    )
  })

  test('for a request to an invalid path has that path', () => {
    expect(words({ method: 'GET', connection: null, resource: '/api/v2/nothing' }).slice(0, 2)).toEqual([
      '-sS',
      `${BASE}/api/v2/nothing`,
    ])
  })
})
