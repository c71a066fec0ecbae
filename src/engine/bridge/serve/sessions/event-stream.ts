import type { ServerResponse } from 'node:http'
import type { JSONRPCMessage } from '@modelcontextprotocol/server'
import { exactJson } from '../../../text/exact-json.ts'

const KEEP_ALIVE_MS = 15_000

/** Starts an event stream with a heartbeat and returns the function that stops the heartbeat. */
export function beginEvents(response: ServerResponse, sessionId: string): () => void {
  writeEventHeaders(response, sessionId)
  const beat = setInterval(() => response.write(': keepalive\n\n'), KEEP_ALIVE_MS)
  beat.unref()
  return () => clearInterval(beat)
}

export function writeEventHeaders(response: ServerResponse, sessionId: string): void {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
    'mcp-session-id': sessionId,
  })
}

export function eventOf(message: JSONRPCMessage): string {
  return `event: message\ndata: ${exactJson(message)}\n\n`
}
