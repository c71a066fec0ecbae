import { HallpassError } from '../../../contract/errors.ts'
import type { ConnectionKind } from '../../../contract/records.ts'
import { sessionReply } from '../../../contract/proxy-documentation.ts'
import { sessionReplySchema, sessionRequestSchema } from '../../../contract/session-request.ts'
import { z } from 'zod'
import { grantSchema } from '../../../contract/grants.ts'
import type { Access } from '../../access/access.ts'
import type { Principal } from '../../access/principal.ts'
import { parseFields } from '../../documents/parse-document-call.ts'
import type { Exchange } from '../exchange.ts'
import { readJson, smallBody } from '../read-body.ts'
import type { Endpoint } from './route-table.ts'
import { sendJson } from '../answers/send.ts'

const introspectionSchema = z.object({
  active: z.boolean(),
  kind: z.string().optional(),
  name: z.string().optional(),
  parent: z.string().nullable().optional(),
  project: z.string().optional(),
  grants: z.array(grantSchema).optional(),
  expires_at: z.string().nullable().optional().describe('ISO 8601, UTC; null if the token has no expiry'),
  rate: z.object({ requests: z.int(), seconds: z.int() }).nullable().optional(),
})

export function mintEndpoint(
  access: Access,
  baseUrlOf: (exchange: Exchange) => string,
  kindOf: (principal: Principal, connection: string) => ConnectionKind | null,
): Endpoint {
  return {
    auth: 'access',
    log: 'row',
    name: 'request_session_token',
    summary:
      'Create a session token: short-lived, for one connection, with at most the permissions of the calling token.',
    request: sessionRequestSchema,
    response: sessionReplySchema,
    async serve(exchange, principal) {
      const request = parseFields(
        sessionRequestSchema,
        await readJson(exchange, smallBody(exchange)),
        'A session request',
      )
      const minted = access.mintSession(principal, request)
      // If the caller has disconnected, nobody received the secret, so the session token is ended.
      if (exchange.gone.aborted) await access.endSession(minted.record.id)
      else
        sendJson(
          exchange,
          200,
          sessionReply(minted.token, minted.record, baseUrlOf(exchange), kindOf(principal, minted.record.connection)),
        )
    },
  }
}

export function endSessionEndpoint(access: Access): Endpoint {
  return {
    auth: 'session',
    log: 'row',
    name: 'end_session',
    summary: 'Revoke the session token that makes this request.',
    response: z.object({ ended: z.boolean(), requests_cut: z.int() }),
    async serve(exchange, principal) {
      if (principal.sessionId === null)
        throw new HallpassError('UNAUTHORIZED', "Permission denied: this isn't a session token.")
      const ended = await access.endSession(principal.sessionId)
      sendJson(exchange, 200, { ended: true, requests_cut: ended.requests_cut })
    },
  }
}

export function introspectEndpoint(): Endpoint {
  return {
    auth: 'either',
    log: 'row',
    name: 'introspect',
    summary: "Show the permissions and expiry of the token that makes this request. Doesn't count as a use.",
    response: introspectionSchema,
    async serve(exchange, principal) {
      sendJson(exchange, 200, principal === null ? { active: false } : introspection(principal))
    },
  }
}

function introspection(principal: Principal): z.infer<typeof introspectionSchema> {
  return {
    active: true,
    kind: principal.kind,
    name: principal.name,
    parent: principal.parent,
    project: principal.project.name,
    grants: [...principal.grants],
    expires_at: principal.expiresAt === null ? null : new Date(principal.expiresAt).toISOString(),
    rate: principal.rate,
  }
}
