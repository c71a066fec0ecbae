import { curlCommand, shellArgument, type Shell } from '../../lib/curl-command.ts'

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

/** Returns a command for the shell: it lists the tables of a document, or gets the base URL of an HTTP API. */
export function curlExample(proxyUrl: string, token: string, shell: Shell, isDocument = true): string {
  const request = isDocument ? { verb: 'POST', body: '{"method": "list_tables"}' } : { verb: 'GET', body: null }
  return curlCommand(shell, { ...request, url: proxyUrl, headers: [], token })
}

export function pythonExample(proxyUrl: string, token: string, isDocument: boolean): string {
  const headers = `headers={"Authorization": "Bearer ${token}"}`
  const call = isDocument
    ? `requests.post("${proxyUrl}", ${headers}, json={"method": "list_tables"})`
    : `requests.get("${proxyUrl}", ${headers})`
  return `import requests\n\nreply = ${call}\nprint(reply.json())`
}

/** Returns a command that creates a token of its own for a script, so it contains no secret. */
export function runCommand(
  shell: Shell,
  { project, document }: { project: string; document: string },
  permissions: readonly string[],
  resources: readonly string[],
): string {
  const limits = resources.map((resource) => ` --resource ${shellArgument(shell, resource)}`)
  return `hallpass run -p ${project} --document ${document} --permissions ${permissions.join(',')}${limits.join('')} -- python3 script.py`
}
