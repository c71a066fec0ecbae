/** Instructions that a client's model reads when it connects. */
export const INSTRUCTIONS = [
  'Hallpass gives you access to documents (Grist or SQLite), HTTP APIs and MCP servers without exposing their keys.',
  'You can do exactly what the listed tools allow. Call list_documents to see your documents and permissions, and',
  'describe_table before you read or write a table for the first time. Tools named connection__tool belong to other MCP',
  'servers and HTTP APIs. For up to a few hundred records, call the tools directly. For more (imports, exports, loops over',
  'records), do not move the data through tool calls: call request_session_token and write a script that uses the HTTP proxy.',
  'get_proxy_documentation describes the proxy and includes an example script. Never print a session token and never write it',
  'to a file. If a call fails, read its message and code: do not retry UNAUTHORIZED or APPROVAL_DENIED, wait on RATE_LIMITED',
  'and PAUSED, and after UPSTREAM_TIMEOUT check whether a write succeeded before you retry it.',
].join(' ')
