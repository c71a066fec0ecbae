import { curlCommand, type Shell } from '../../../lib/curl-command.ts'

/** Texts to paste elsewhere. They are built when shown or copied and never stored. */

/** Configuration of an MCP client that supports Streamable HTTP. */
export function httpClientConfig(project: string, endpoint: string, secret: string): string {
  return JSON.stringify(
    {
      mcpServers: {
        [`hallpass-${project}`]: { type: 'http', url: endpoint, headers: { Authorization: `Bearer ${secret}` } },
      },
    },
    null,
    2,
  )
}

/** Configuration of an MCP client that starts a command. It contains no secret. */
export function stdioClientConfig(project: string, token: string): string {
  return JSON.stringify(
    {
      mcpServers: {
        [`hallpass-${project}`]: { command: 'hallpass', args: ['stdio', '--project', project, '--as', token] },
      },
    },
    null,
    2,
  )
}

/** Returns a command for the shell that lists the tables with a session token. */
export function curlExample(proxyUrl: string, token: string, shell: Shell): string {
  return curlCommand(shell, { verb: 'POST', url: proxyUrl, headers: [], body: '{"method": "list_tables"}', token })
}
