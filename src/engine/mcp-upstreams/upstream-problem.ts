import { HallpassError } from '../../contract/errors.ts'
import { oneLine } from '../text/visible-text.ts'
import { McpUpstreamError } from './mcp-upstreams.ts'
import { UpstreamFault } from './session/message-pipe.ts'

/** A failure as the caller gets it: McpUpstreamError and HallpassError as they are, a fault as a sentence about the connection. */
export function problemOf(thrown: unknown, connection: string, scrub: (text: string) => string): unknown {
  if (!(thrown instanceof UpstreamFault)) return thrown
  return new HallpassError(
    thrown.reason === 'timeout' ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_ERROR',
    sentenceOf(thrown, connection, scrub),
    { cause: thrown },
  )
}

/** For health, lists and logs. An empty connection is one that has no name yet. */
export function sentenceOf(thrown: unknown, connection: string, scrub: (text: string) => string): string {
  return scrub(plainSentence(thrown, connection))
}

function plainSentence(thrown: unknown, connection: string): string {
  const who = connection === '' ? 'The MCP server' : `The MCP server of “${connection}”`
  if (thrown instanceof McpUpstreamError)
    return `${who} answered with an error: ${oneLine(thrown.message)} (${thrown.code}).`
  if (thrown instanceof HallpassError) return thrown.message
  if (!(thrown instanceof UpstreamFault)) return `${who} could not be asked.`
  if (thrown.reason === 'setup') return thrown.message
  const end = thrown.message.endsWith('.') ? '' : '.'
  return `${who} ${oneLine(thrown.message)}${end}${thrown.reason === 'refused' && connection !== '' ? wayIn(thrown.message, connection) : ''}`
}

function wayIn(message: string, connection: string): string {
  // It has said what to do.
  if (message.endsWith('.')) return ''
  return message.includes('sign-in')
    ? ` Sign in with “hallpass sign-in ${connection}”, or on its screen.`
    : ' Replace its secret.'
}
