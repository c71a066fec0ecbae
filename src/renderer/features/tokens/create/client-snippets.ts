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

/** A shell command that reads a table with a session token. */
export function curlExample(proxyUrl: string, secret: string): string {
  return [
    `curl -s ${proxyUrl} \\`,
    `  -H 'Authorization: Bearer ${secret}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"method": "list_tables"}'`,
  ].join('\n')
}
