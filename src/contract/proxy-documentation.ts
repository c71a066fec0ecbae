import { z } from 'zod'
import { DOCUMENT_METHODS } from './document-methods.ts'
import { ERROR_TABLE } from './errors.ts'
import type { ConnectionKind, SessionRecord } from './records.ts'
import type { SessionReply } from './session-request.ts'

export interface ProxyDocumentation {
  description: string
  endpoint: 'POST /api/v1/proxy'
  authentication: string
  request_format: Record<string, unknown>
  methods: Record<string, { description: string; permission: string; fields: Record<string, string> }>
  response_format: Record<string, unknown>
  /** For session tokens of HTTP APIs (connections of kind http), which take no methods. */
  http_connections: Record<string, string>
  error_codes: Record<string, { status: number; when: string }>
  example_script: string
  base_url: string
}

/** Where a session token for this connection is used: the document methods' address, or that of the HTTP API itself. */
export function proxyUrl(baseUrl: string, connection: string, kind: ConnectionKind | null): string {
  return kind === 'http' ? `${baseUrl}/api/v1/http/${connection}` : `${baseUrl}/api/v1/proxy`
}

/** Reply of `request_session_token` and `POST /api/v1/sessions`. `token` is shown this once. */
export function sessionReply(
  token: string,
  record: SessionRecord,
  baseUrl: string,
  kind: ConnectionKind | null,
): SessionReply {
  const { connection, permissions, expires_at } = record
  return { token, document: connection, permissions, expires_at, proxy_url: proxyUrl(baseUrl, connection, kind) }
}

/** How to use the proxy, from the method table that it serves from and the error table that it answers with. */
export function proxyDocumentation(baseUrl: string): ProxyDocumentation {
  return {
    description:
      'Document operations for scripts: one session token, one document, plain HTTP. Session tokens come from the ' +
      'MCP tool request_session_token or POST /api/v1/sessions.',
    endpoint: 'POST /api/v1/proxy',
    authentication:
      'Authorization: Bearer <session token>. The token names the document; the permissions it was asked for bound ' +
      'what it may do, and it ends by itself.',
    request_format: {
      content_type: 'application/json',
      body: '{"method": "<name>", …fields}',
      bulk_in:
        'Content-Type: application/x-ndjson with ?method=add_records&table=<table> (likewise update_records, ' +
        'delete_records): one record a line, any number. Accept: application/x-ndjson streams one progress object a ' +
        'batch, the last with "done": true.',
      bulk_out:
        'Accept: application/x-ndjson on get_records and sql_query: one record a line. A stream that breaks ends with ' +
        'the error as its last line and no end of transfer.',
    },
    methods: Object.fromEntries(
      Object.entries(DOCUMENT_METHODS).map(([name, { description, permission, fields }]) => [
        name,
        { description, permission, fields: fieldTexts(fields) },
      ]),
    ),
    response_format: {
      success: '{"success": true, "data": …}',
      failure: '{"success": false, "error": "<sentence>", "code": "<CODE>", "request_id": "…"}',
      data: Object.fromEntries(Object.entries(DOCUMENT_METHODS).map(([name, { data }]) => [name, shape(data)])),
    },
    http_connections: {
      endpoint: '* /api/v1/http/{connection}/{path}',
      description:
        'A session token of an HTTP API takes no methods: send the API’s own requests to the proxy_url of the token, with the API’s own ' +
        'paths, queries and bodies, and "Authorization: Bearer <session token>" instead of the API’s credentials. The API’s answer comes ' +
        'back as it is, whatever its status; errors of Hallpass have the failure format below and a header X-Request-Id.',
      permissions:
        'GET, HEAD and OPTIONS need read, other methods write, unless the owner set rules of another kind. `resources` of a session request are ' +
        'paths: /v1/listings, or /v1/listings/* for all below it.',
      limits:
        'Redirects are not followed, cookies are not kept, WebSocket is refused; server-sent events and bodies of any length pass through.',
      example: `curl -H "Authorization: Bearer $HALLPASS_TOKEN" "${baseUrl}/api/v1/http/<connection>/v1/listings?limit=5"`,
    },
    error_codes: Object.fromEntries(
      Object.entries(ERROR_TABLE).map(([code, { status, when }]) => [code, { status, when }]),
    ),
    example_script: EXAMPLE_SCRIPT,
    base_url: baseUrl,
  }
}

interface JsonShape {
  type?: string
  description?: string
  properties?: Record<string, JsonShape>
  required?: string[]
  items?: JsonShape
}

function fieldTexts(fields: z.ZodObject): Record<string, string> {
  const { properties = {}, required = [] } = z.toJSONSchema(fields) as JsonShape
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => {
      const parts = [field.type ?? 'any', required.includes(name) ? 'required' : 'optional']
      return [name, field.description === undefined ? parts.join(', ') : `${parts.join(', ')}. ${field.description}`]
    }),
  )
}

function shape(schema: z.ZodType): unknown {
  return shapeText(z.toJSONSchema(schema) as JsonShape)
}

function shapeText(node: JsonShape): unknown {
  if (node.type === 'array') return [shapeText(node.items ?? {})]
  if (node.properties === undefined) return node.type ?? 'any'
  return Object.fromEntries(Object.entries(node.properties).map(([name, inner]) => [name, shapeText(inner)]))
}

const EXAMPLE_SCRIPT = `#!/usr/bin/env python3
"""Reads a document through Hallpass.  Usage: script.py <token> <base_url>"""
import json
import sys

import requests


class HallpassError(Exception):
    def __init__(self, body):
        super().__init__(f"{body.get('code')}: {body.get('error')} (request {body.get('request_id')})")
        self.code = body.get("code")


class Hallpass:
    def __init__(self, token, base_url):
        self.url = base_url.rstrip("/") + "/api/v1/proxy"
        self.http = requests.Session()
        # A proxy or .netrc of this machine must not see or replace the token.
        self.http.trust_env = False
        self.http.headers["Authorization"] = f"Bearer {token}"

    def call(self, method, **fields):
        """One document call; answers its data."""
        return self.answer(self.http.post(self.url, json={"method": method, **fields}, timeout=60))

    def upload(self, table, records, method="add_records"):
        """Loads any number of records in constant memory, one JSON object a line. Needs the write permission."""
        lines = (json.dumps(record).encode() + b"\\n" for record in records)
        return self.answer(self.http.post(
            self.url, params={"method": method, "table": table}, data=lines,
            headers={"Content-Type": "application/x-ndjson"}, timeout=600,
        ))

    @staticmethod
    def answer(response):
        body = response.json()
        if not body.get("success"):
            raise HallpassError(body)
        return body["data"]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    document = Hallpass(sys.argv[1], sys.argv[2])
    try:
        tables = document.call("list_tables")["tables"]
        print("tables:", ", ".join(tables) or "none")
        if not tables:
            return
        # Describe first: column ids are what records are read and written by.
        table = tables[0]
        for column in document.call("describe_table", table=table)["columns"]:
            print(f"  {table}.{column['id']}: {column['type']}")
        for record in document.call("get_records", table=table, limit=3)["records"]:
            print(" ", json.dumps(record, ensure_ascii=False))
        # With the write permission:
        #   document.upload(table, ({"Name": f"row {n}"} for n in range(100_000)))
    except HallpassError as error:
        if error.code in ("TOKEN_EXPIRED", "INVALID_TOKEN"):
            sys.exit(f"The session token is over; ask for a new one. {error}")
        if error.code == "UNAUTHORIZED":
            sys.exit(f"This token may not do that; ask for the permission it lacks. {error}")
        sys.exit(str(error))


if __name__ == "__main__":
    main()
`
