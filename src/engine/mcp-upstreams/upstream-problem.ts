import { HallpassError } from '../../contract/errors.ts'
import { oneLine } from '../text/visible-text.ts'
import { McpUpstreamError } from './mcp-upstreams.ts'
import { UpstreamFault } from './session/message-pipe.ts'

/** Returns a failure for the caller: a fault of the upstream becomes a sentence about the connection. */
export function problemOf(thrown: unknown, connection: string, scrub: (text: string) => string): unknown {
  if (!(thrown instanceof UpstreamFault)) return thrown
  return new HallpassError(
    thrown.reason === 'timeout' ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_ERROR',
    sentenceOf(thrown, connection, scrub),
    { cause: thrown, ...(thrown.reason === 'needs_sign_in' ? { reason: 'needs_sign_in' } : {}) },
  )
}

/** Returns a failure for the owner: an error of the upstream becomes an UPSTREAM_ERROR with its message. */
export function ownerProblemOf(thrown: unknown, connection: string, scrub: (text: string) => string): unknown {
  return thrown instanceof McpUpstreamError
    ? new HallpassError('UPSTREAM_ERROR', sentenceOf(thrown, connection, scrub), { cause: thrown })
    : problemOf(thrown, connection, scrub)
}

/** Returns whether a failure means that the owner must sign in. */
export function needsSignIn(thrown: unknown): boolean {
  if (thrown instanceof UpstreamFault) return thrown.reason === 'needs_sign_in'
  return thrown instanceof HallpassError && thrown.reason === 'needs_sign_in'
}

/** Returns the sentence for health, lists and logs. `connection` is empty if it has no name yet. */
export function sentenceOf(thrown: unknown, connection: string, scrub: (text: string) => string): string {
  return scrub(plainSentence(thrown, connection))
}

function plainSentence(thrown: unknown, connection: string): string {
  const subject = connection === '' ? 'The MCP server' : `MCP server "${connection}"`
  if (thrown instanceof McpUpstreamError)
    return `${subject} returned an error: ${oneLine(thrown.message)} (${thrown.code}).`
  if (thrown instanceof HallpassError) return thrown.message
  if (!(thrown instanceof UpstreamFault)) return `${subject} couldn't be reached.`
  if (thrown.reason === 'setup') return thrown.message
  const sentence = `${subject} ${oneLine(thrown.message)}${thrown.message.endsWith('.') ? '' : '.'}`
  return connection === '' || thrown.message.endsWith('.') ? sentence : `${sentence}${nextStep(thrown, connection)}`
}

function nextStep({ reason }: UpstreamFault, connection: string): string {
  if (reason === 'needs_sign_in')
    return ` Sign in with hallpass sign-in ${connection} or in the app (Tools, then Sign in).`
  return reason === 'refused' ? " Replace the connection's secret." : ''
}
