import { z } from 'zod'
import { CELL_VALUES } from './methods/document-fields.ts'
import { DOCUMENT_METHODS } from './methods/document-methods.ts'
import { ERROR_TABLE } from './error-table.ts'
import type { ConnectionKind, SessionRecord } from './records.ts'
import type { SessionReply } from './session-request.ts'

export interface ProxyDocumentation {
  description: string
  endpoint: 'POST /api/v1/proxy'
  authentication: string
  request_format: Record<string, unknown>
  methods: Record<string, { description: string; permission: string; fields: Record<string, string> }>
  response_format: Record<string, unknown>
  cell_values: string
  attachments: string
  limits: string
  /** For session tokens of HTTP APIs, which have no document methods. */
  http_connections: Record<string, string>
  error_codes: Record<string, { status: number; when: string }>
  example_script: string
  base_url: string
}

/** Returns the URL for a session token of this connection: the document methods, or the HTTP API itself. */
export function proxyUrl(baseUrl: string, connection: string, kind: ConnectionKind | null): string {
  return kind === 'http' ? `${baseUrl}/api/v1/http/${connection}` : `${baseUrl}/api/v1/proxy`
}

/** Builds the response of `request_session_token` and `POST /api/v1/sessions`, the only one that contains `token`. */
export function sessionReply(
  token: string,
  record: SessionRecord,
  baseUrl: string,
  kind: ConnectionKind | null,
): SessionReply {
  const { connection, permissions, expires_at } = record
  return {
    token,
    document: connection,
    permissions,
    expires_at,
    proxy_url: proxyUrl(baseUrl, connection, kind),
    ...(kind === 'grist' ? { attachments_url: `${baseUrl}/api/v1/attachments` } : {}),
  }
}

/** Builds the description of the proxy from the method and error tables that the proxy itself uses. */
export function proxyDocumentation(baseUrl: string): ProxyDocumentation {
  return {
    description:
      'HTTP API for scripts. A session token gives access to one document or HTTP API. Get one with the MCP tool ' +
      'request_session_token or with POST /api/v1/sessions.',
    endpoint: 'POST /api/v1/proxy',
    authentication:
      'Authorization: Bearer <session token>. The token determines the document and the permissions. It expires at expires_at, ' +
      'and stops working when Hallpass restarts.',
    request_format: {
      content_type: 'application/json',
      body: '{"method": "<name>", …fields}',
      bulk_in:
        'Send Content-Type: application/x-ndjson to ?method=add_records&table=<table> (or update_records, delete_records), with one ' +
        'record per line and no limit on the number of lines. Lines: add {column: value}, update {"id", "fields"}, delete an id or ' +
        '{"id"}. With Accept: application/x-ndjson, the response has one progress object per batch, for example {"added": 5000, ' +
        '"line": 5000}; the last one has "done": true. After an error, details.line is the last line that was stored. Add &atomic=true to ' +
        'store all lines or none (Grist: 1 MiB).',
      repeating:
        'Add Idempotency-Key: <1–128 of A–Z a–z 0–9 . _ -> to a write or bulk load, and send the same request again if its answer was lost.',
      bulk_out:
        'Send Accept: application/x-ndjson with get_records or sql_query to receive one record per line. If the stream fails, the ' +
        'last line is an error object with "success": false.',
    },
    cell_values: CELL_VALUES,
    attachments:
      'Grist documents only. POST /api/v1/attachments with a multipart form (parts named "upload"), or with the bytes of one file and ' +
      '?name=<file name>, returns {"attachment_ids": [id]}. Write ["L", id] to a column of type Attachments to attach it. ' +
      'GET /api/v1/attachments/<id> returns the file.',
    limits:
      'Request body 32 MiB (streams: no limit). get_records and sql_query without streaming: 100,000 records or 32 MiB (SQLite), ' +
      '64 MiB (Grist). sql_query: 1 s (Grist), 10 s (SQLite). Rate limit: see the RateLimit headers; after 429, wait Retry-After ' +
      'seconds.',
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
        "For HTTP APIs, send the API's own requests (path, query, body) to the token's proxy_url, with " +
        '"Authorization: Bearer <session token>" instead of the API\'s credentials. The API\'s response is returned unchanged, ' +
        'including error statuses. Errors from Hallpass have the failure format above and an X-Request-Id header.',
      permissions:
        'GET, HEAD and OPTIONS need the read permission, other methods need write, unless the owner defined other rules. "resources" ' +
        'of a session request are paths, for example /listings, or /listings/* for everything below it.',
      limits:
        'Redirects are returned, not followed. Cookies and WebSocket are not supported. Server-sent events and bodies of any length ' +
        'are passed through.',
      example: `curl -H "Authorization: Bearer $HALLPASS_TOKEN" "${baseUrl}/api/v1/http/<connection>/listings?limit=5"`,
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
"""Read a document through Hallpass. Usage: script.py <token> <base_url>"""
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
        # Ignore proxy settings and .netrc, so that they can't read or replace the token.
        self.http.trust_env = False
        self.http.headers["Authorization"] = f"Bearer {token}"

    def call(self, method, **fields):
        """Call a document method and return its data."""
        return self.answer(self.http.post(self.url, json={"method": method, **fields}, timeout=60))

    def upload(self, table, records, method="add_records"):
        """Load any number of records with constant memory, one JSON object per line. Needs the write permission."""
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
            sys.exit(f"The session token is no longer valid. Request a new one. {error}")
        if error.code == "UNAUTHORIZED":
            sys.exit(f"Permission denied. Request a token with the missing permission. {error}")
        sys.exit(str(error))


if __name__ == "__main__":
    main()
`
