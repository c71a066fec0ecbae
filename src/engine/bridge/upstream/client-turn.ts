import type { ServerContext } from '@modelcontextprotocol/server'
import { objectOf, type JsonObject } from '../../text/json.ts'

/** The request of a client that an upstream's message belongs to: what asks or tells in its course goes this way. */
export interface Turn {
  /** Puts an upstream's question to the client and answers the raw result. */
  ask(method: string, params: JsonObject | undefined, signal: AbortSignal): Promise<JsonObject>
  /** Tells the client something in the course of its request. */
  tell(method: string, params: JsonObject | undefined): void
}

const LOG_LEVEL = 'io.modelcontextprotocol/logLevel'
/** Rank of log levels (RFC 5424), least severe first. */
const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']
/** As long as a person may take to answer. */
export const ANSWER_MS = 10 * 60_000

export function isAtLeast(level: unknown, threshold: string): boolean {
  return LOG_LEVELS.indexOf(String(level)) >= LOG_LEVELS.indexOf(threshold)
}

/** Requests go to the client as requests of their own. */
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

/** In the era without sessions a client is told of its call alone, and of log messages where its request says from which level on. */
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
  // A client that went away needs to be told nothing.
  context.mcpReq.notify({ method, ...(whole === undefined ? {} : { params: whole }) }).catch(() => undefined)
}

/** What belongs to the client's hop alone is left out: its progress token, and tasks, which Hallpass runs none of. */
export function sentOn({ _meta, task: _task, ...params }: JsonObject, context: ServerContext): JsonObject {
  const { progressToken: _token, ...meta } = objectOf(_meta) ?? {}
  const level = (context.mcpReq.envelope as JsonObject | undefined)?.[LOG_LEVEL]
  const whole = { ...meta, ...(level === undefined ? {} : { [LOG_LEVEL]: level }) }
  return Object.keys(whole).length === 0 ? params : { ...params, _meta: whole }
}
