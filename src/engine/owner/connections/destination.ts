import type { ConnectionConfig } from '../../../contract/owner-api/connections-api.ts'

/** Where a connection's secret goes. Two settings with the same key send it to the same place. */
interface Destination {
  key: string
  /** For a sentence: a host, or a command. */
  name: string
}

/**
 * Returns where a secret goes. For a command that is everything it is started with, because an argument or a variable can
 * tell a program where to send what it is given.
 */
export function destinationOf(config: ConnectionConfig): Destination {
  switch (config.kind) {
    case 'sqlite':
      return { key: 'sqlite', name: 'this computer' }
    case 'grist':
      return ofUrls(config.url)
    case 'http':
      return ofUrls(config.url, ...(config.auth?.type === 'oauth' ? [config.auth.token_url] : []))
    case 'mcp': {
      const { url, command = '', args = [], cwd, env = {} } = config
      if (url !== undefined) return ofUrls(url)
      return { key: JSON.stringify([command, args, cwd ?? null, Object.entries(env).toSorted()]), name: command }
    }
  }
}

function ofUrls(...urls: readonly string[]): Destination {
  const parsed = urls.map((url) => URL.parse(url))
  return {
    key: parsed.map((url) => url?.origin ?? 'none').join(' '),
    name: parsed.map((url) => url?.host ?? '?').join(' and '),
  }
}
