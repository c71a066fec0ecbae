export type Shell = 'sh' | 'powershell' | 'cmd'

export interface CurlRequest {
  verb: string
  url: string
  /** `Name: value`. */
  headers: readonly string[]
  /** JSON. */
  body: string | null
  /** null: read from the variable HALLPASS_TOKEN. */
  token?: string | null
}

/** Returns the shells that a person on this system may have open, the usual one first. */
export function shellsOf(userAgent: string): readonly [Shell, ...Shell[]] {
  return userAgent.includes('Windows') ? ['powershell', 'cmd'] : ['sh']
}

/** Returns a command that sends the request, as one line or several of that shell. No part of the request can end its word. */
export function curlCommand(shell: Shell, { verb, url, headers, body, token = null }: CurlRequest): string {
  const { program, join, quote, variable, pipe } = SHELLS[shell]
  const method = verb === 'GET' ? '' : verb === 'HEAD' ? ' --head' : ` -X ${verb}`
  const parts = [
    `${program} -sS${method} ${quote(url)}`,
    `-H ${token === null ? variable('Authorization: Bearer ', 'HALLPASS_TOKEN') : quote(`Authorization: Bearer ${token}`)}`,
    ...headers.map((header) => `-H ${quote(header)}`),
  ]
  if (body === null) return parts.join(join)
  parts.push(`-H ${quote('Content-Type: application/json')}`)
  if (pipe) return `${quote(ascii(body))} |${join}${[...parts, "-d '@-'"].join(join)}`
  return [...parts, `-d ${quote(shell === 'sh' ? body : ascii(body))}`].join(join)
}

interface ShellSyntax {
  program: string
  /** Between arguments. */
  join: string
  quote(text: string): string
  variable(before: string, name: string): string
  /** The body goes over a pipe, because the shell passes double quotes in an argument on in different ways. */
  pipe: boolean
}

const SHELLS: Record<Shell, ShellSyntax> = {
  sh: {
    program: 'curl',
    join: ' \\\n  ',
    quote: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
    variable: (before, name) => `"${before}$${name}"`,
    pipe: false,
  },
  powershell: {
    // Without its ending it is another command in Windows PowerShell.
    program: 'curl.exe',
    join: ' `\n  ',
    // Typographic quotes end a string as well. Windows PowerShell passes a double quote on unescaped, which would end the argument:
    // only the body has one that counts, and it goes over a pipe.
    quote: (text) => `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`,
    variable: (before, name) => `"${before}$env:${name}"`,
    pipe: true,
  },
  cmd: {
    program: 'curl',
    join: ' ',
    quote: (text) =>
      `"${text.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, '$&$&')}"`.replaceAll(/[()%!^"<>&|]/g, '^$&'),
    variable: (before, name) => `"${before}%${name}%"`,
    pipe: false,
  },
}

/** Consoles of Windows change other characters on their way to a program, and JSON can do without them. */
function ascii(json: string): string {
  // oxlint-disable-next-line no-control-regex -- everything that isn't ASCII
  return json.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
