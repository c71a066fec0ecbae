export type Shell = 'sh' | 'powershell' | 'cmd'

interface CurlRequest {
  verb: string
  url: string
  /** `Name: value`. */
  headers: readonly string[]
  /** JSON. */
  body: string | null
  /** If null, the command reads the variable HALLPASS_TOKEN. */
  token?: string | null
}

/** Returns the shells likely to be used on this system, the most common first. */
export function shellsOf(userAgent: string): readonly [Shell, ...Shell[]] {
  return userAgent.includes('Windows') ? ['powershell', 'cmd'] : ['sh']
}

/**
 * Returns a command that sends the request, in one or several lines of the shell's syntax. No part of the request can
 * break out of its quotes.
 */
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

/** Returns an argument that the shell passes on unchanged. */
export function shellArgument(shell: Shell, text: string): string {
  return /^[\w./-]+$/.test(text) ? text : SHELLS[shell].quote(text)
}

interface ShellSyntax {
  program: string
  /** Separator between arguments. */
  join: string
  quote(text: string): string
  variable(before: string, name: string): string
  /** Whether the body is passed through a pipe, because the shell handles double quotes in arguments inconsistently. */
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
    // In Windows PowerShell, `curl` without the extension is another command.
    program: 'curl.exe',
    join: ' `\n  ',
    // Typographic quotes end a string too. Windows PowerShell doesn't escape double quotes when it passes an argument
    // on, which would end the argument. Only the body has them, and it goes through a pipe.
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

/** Windows consoles alter other characters on their way to a program, and JSON can escape them. */
function ascii(json: string): string {
  // oxlint-disable-next-line no-control-regex -- everything that isn't ASCII
  return json.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
