import type { InferContractRouterInputs } from '@orpc/contract'
import type { WindowApi } from '../../contract/owner-api.ts'

type Inputs = InferContractRouterInputs<WindowApi>
type Connections = Inputs['connections']

/** What the person is asked in a dialog of the system, which no page can draw, cover or answer. */
export interface Question {
  message: string
  detail: string
  act: string
}

/**
 * A page that was taken over could add a connection by itself: one that starts a program, or one that has the engine read a file
 * or a variable and send it somewhere. Both are asked for outside of the page; null where neither is the case.
 */
export function questionAbout(input: Connections['create']): Question | null {
  const { config, secret, name } = input
  const command =
    config.kind === 'mcp' && config.command !== undefined ? [config.command, ...(config.args ?? [])] : null
  const references =
    config.kind === 'mcp' ? [...Object.entries(config.env ?? {}), ...Object.entries(config.headers ?? {})] : []
  const reads = [
    ...(secret !== undefined && 'ref' in secret ? [`${secret.ref}, as its secret`] : []),
    ...references
      .filter(([, reference]) => /(?:^| )(?:env|file):/.test(reference))
      .map(([into, reference]) => `${reference}, as ${into}`),
  ]
  if (command === null && reads.length === 0) return null
  const parts = [
    ...(command === null
      ? []
      : [
          'It runs with your rights whenever a client uses the connection:',
          ...command.map((word) => `    ${quoted(word)}`),
        ]),
    ...(command !== null && config.kind === 'mcp' && config.cwd !== undefined ? [`in ${quoted(config.cwd)}`] : []),
    ...(reads.length === 0
      ? []
      : [
          `Hallpass reads for it${'url' in config && config.url !== undefined ? `, and sends to ${config.url}` : ''}:`,
          ...reads.map((read) => `    ${read}`),
        ]),
  ]
  return {
    message:
      command === null ? `Let the connection “${name}” read this?` : `Run this command for the connection “${name}”?`,
    detail: visible(parts.join('\n')),
    act: command === null ? 'Let it read' : 'Run it',
  }
}

/** The same for a new secret of a connection that is there. */
export function questionAboutSecret({ name, secret }: Connections['replaceSecret']): Question | null {
  if (!('ref' in secret)) return null
  return {
    message: `Let the connection “${name}” read this?`,
    detail: visible(`Hallpass reads as its secret:\n    ${secret.ref}`),
    act: 'Let it read',
  }
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1', '[::1]'])

/** Settings that let others in: an address beyond this machine, pages of other origins. */
export function questionAboutSettings({
  host,
  allowed_origins: origins,
}: Inputs['settings']['update']): Question | null {
  const opens = [
    ...(host !== undefined && !LOOPBACK.has(host)
      ? [`From its next start on, Hallpass listens on ${host}: other machines can reach it.`]
      : []),
    ...(origins !== undefined && origins.length > 0
      ? ['These web pages may call Hallpass from a browser:', ...origins.map((origin) => `    ${origin}`)]
      : []),
  ]
  return opens.length === 0
    ? null
    : { message: 'Let others reach Hallpass?', detail: visible(opens.join('\n')), act: 'Let them' }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)
}

/** Characters that hide or turn text are shown as what they are. */
function visible(text: string): string {
  return text.replaceAll(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`)
}
