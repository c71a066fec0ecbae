import type { ServerContext } from '@modelcontextprotocol/server'
import { objectOf, type JsonObject } from '../../text/json.ts'

/** The client request during which an upstream sends a message. Its requests and notifications go to that client. */
export interface Turn {
  /** Sends an upstream's request to the client and returns the raw result. */
  ask(method: string, params: JsonObject | undefined, signal: AbortSignal): Promise<JsonObject>
  /** Sends the client a notification during its request. */
  tell(method: string, params: JsonObject | undefined): void
}

const LOG_LEVEL = 'io.modelcontextprotocol/logLevel'
/** Log levels (RFC 5424), least severe first. */
const LOG_LEVELS: readonly unknown[] = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']
/** As long as a person may take to answer. */
export const ANSWER_MS = 10 * 60_000

export function isAtLeast(level: unknown, threshold: string): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(threshold)
}

/** Sends upstream requests to the client as separate requests. */
export function sessionTurn(context: ServerContext): Turn {
  return {
    ask: (method, params, signal) =>
      context.mcpReq.send(
        { method: method as 'roots/list', ...(params === undefined ? {} : { params }) },
        { signal, timeout: ANSWER_MS },
      ) as Promise<JsonObject>,
    tell: (method, params) => tell(context, method, params),
  }
}

/**
 * Without a session, a client receives only progress of its call, and log messages at the level that its request sets.
 */
export function legTell(context: ServerContext): Turn['tell'] {
  const level = (context.mcpReq.envelope as JsonObject | undefined)?.[LOG_LEVEL]
  return (method, params) => {
    const isLog = method === 'notifications/message' && typeof level === 'string' && isAtLeast(params?.['level'], level)
    if (isLog || method === 'notifications/progress') tell(context, method, params)
  }
}

function tell(context: ServerContext, method: string, params: JsonObject | undefined): void {
  const progressToken = context.mcpReq._meta?.progressToken
  if (method === 'notifications/progress' && progressToken === undefined) return
  const whole = method === 'notifications/progress' ? { ...params, progressToken } : params
  // A client that disconnected needs no notification.
  context.mcpReq.notify({ method, ...(whole === undefined ? {} : { params: whole }) }).catch(() => undefined)
}

/** Removes what belongs to the client's hop only: its progress token, and tasks, which Hallpass doesn't run. */
export function sentOn({ _meta, task: _task, ...params }: JsonObject, context: ServerContext): JsonObject {
  const { progressToken: _token, ...meta } = objectOf(_meta) ?? {}
  const level = (context.mcpReq.envelope as JsonObject | undefined)?.[LOG_LEVEL]
  const whole = { ...meta, ...(level === undefined ? {} : { [LOG_LEVEL]: level }) }
  return Object.keys(whole).length === 0 ? params : { ...params, _meta: whole }
}
