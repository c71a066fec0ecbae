/** Every error code: its HTTP status, when it occurs and what to do. docs/errors.md repeats these texts. */
export const ERROR_TABLE = {
  NOT_FOUND: {
    status: 404,
    when: "The route doesn't exist.",
    advice: 'Check the path against `GET /openapi.json`. The base URL ends with the port.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    when: "The route doesn't support this HTTP method.",
    advice: 'Use a method from the `Allow` header.',
  },
  INVALID_TOKEN: {
    status: 401,
    when: 'The token is missing, malformed or unknown.',
    advice:
      'Send the complete token as `Authorization: Bearer <token>`. Session tokens stop working when Hallpass restarts: request a new one.',
  },
  TOKEN_EXPIRED: {
    status: 401,
    when: 'The token has expired or was revoked.',
    advice: 'Request a new session token, or ask the owner for a new access token.',
  },
  UNAUTHORIZED: {
    status: 403,
    when: "The token doesn't have access to this project, connection, table, tool or path, or doesn't have the permission.",
    advice:
      "`hallpass describe token NAME -p PROJECT` shows a token's access. The owner can create a token with more access.",
  },
  FORBIDDEN_ORIGIN: {
    status: 403,
    when: "The Host or Origin header isn't allowed.",
    advice: 'Use `127.0.0.1` or `localhost` with the right port. For a web page, ask the owner to allow its origin.',
  },
  INVALID_REQUEST: {
    status: 400,
    when: 'The request is invalid: malformed JSON, a missing or invalid field, or an unknown method.',
    advice: 'The response names the field in `field`. `GET /api/v1/proxy` lists the methods.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    when: 'The request body is larger than the limit (32 MiB by default).',
    advice: 'Send the records as an `application/x-ndjson` stream. Streams have no size limit; one line has.',
  },
  RATE_LIMITED: {
    status: 429,
    when: 'Too many requests from this token or address, or too many open pages of the web console.',
    advice: 'Wait for the number of seconds in `Retry-After`. Close tabs of the web console.',
  },
  BUDGET_EXHAUSTED: {
    status: 429,
    when: 'The token has used up its daily budget of requests, records or bytes.',
    advice:
      'Wait until midnight UTC (`Retry-After`), or ask the owner for a larger budget: `hallpass update token NAME -p PROJECT --budget requests=20000`.',
  },
  GRIST_ERROR: {
    status: 502,
    when: 'Grist rejected the request.',
    advice:
      "The message contains Grist's own error. The usual causes are a wrong table or column ID, or a key without the permission.",
  },
  UPSTREAM_ERROR: {
    status: 502,
    when: "The server behind a connection failed or couldn't be reached.",
    advice:
      "The message says what failed, and, after repeated failures, when Hallpass tries again. An HTTP API's own error responses are passed through unchanged, without a code.",
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    when: "The server behind a connection didn't respond in time.",
    advice: 'Request less data at a time. A write may have succeeded: check before you retry it.',
  },
  DOCUMENT_BUSY: {
    status: 503,
    when: "Another program holds the document's file.",
    advice: 'Wait for the number of seconds in `Retry-After`, or close the other program.',
  },
  SECRET_UNAVAILABLE: {
    status: 503,
    when: "The connection's secret can't be read: the keychain is locked or missing, access to it was denied, or the secret is gone.",
    advice:
      'Unlock the keychain, set `HALLPASS_VAULT_KEY`, or refer to the secret with `--secret-ref env:NAME` or `file:PATH`.',
  },
  APPROVAL_DENIED: {
    status: 403,
    when: 'The owner denied the request.',
    advice: "Don't repeat the request. Ask the owner why.",
  },
  APPROVAL_TIMEOUT: {
    status: 403,
    when: "The owner didn't respond in time.",
    advice: 'Repeat the request when the owner is available.',
  },
  PAUSED: {
    status: 503,
    when: 'The owner paused all access, this token or this connection. The message says which.',
    advice:
      'Try again after the owner resumes it: all access with `hallpass resume`, a token with `hallpass update token NAME -p PROJECT --resume`, a connection in the app or web console.',
  },
  LOG_UNAVAILABLE: {
    status: 503,
    when: "The request log can't be written, so requests are rejected.",
    advice: "Ask the owner to free up disk space or fix the data folder's permissions.",
  },
  INTERNAL: {
    status: 500,
    when: 'Unexpected error in Hallpass. The message contains only the request ID.',
    advice: 'Report it with the request ID.',
  },
} as const satisfies Record<string, { status: number; when: string; advice: string }>

export type ErrorCode = keyof typeof ERROR_TABLE

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_TABLE, code)
}
