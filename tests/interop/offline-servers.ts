/** Public MCP servers that list what they have without an account or the internet. */
export interface OfflineServer {
  /** The connection's name. */
  name: string
  package: string
  version?: string
  command: string
  args?: (folder: string) => string[]
  env?: Record<string, string>
}

const NO_KEY = 'not-a-key'

export const OFFLINE_SERVERS: readonly OfflineServer[] = [
  {
    name: 'everything',
    package: '@modelcontextprotocol/server-everything',
    command: 'mcp-server-everything',
    args: () => ['stdio'],
  },
  {
    name: 'files',
    package: '@modelcontextprotocol/server-filesystem',
    command: 'mcp-server-filesystem',
    args: (folder) => [folder],
  },
  {
    // Lists tools without the type of their input.
    name: 'files-2025',
    package: '@modelcontextprotocol/server-filesystem',
    version: '2025.8.21',
    command: 'mcp-server-filesystem',
    args: (folder) => [folder],
  },
  { name: 'memory', package: '@modelcontextprotocol/server-memory', command: 'mcp-server-memory' },
  {
    name: 'thinking',
    package: '@modelcontextprotocol/server-sequential-thinking',
    command: 'mcp-server-sequential-thinking',
  },
  {
    name: 'playwright',
    package: '@playwright/mcp',
    command: 'playwright-mcp',
    args: () => ['--headless', '--isolated'],
  },
  {
    name: 'chrome',
    package: 'chrome-devtools-mcp',
    command: 'chrome-devtools-mcp',
    args: () => ['--headless', '--isolated', '--no-usage-statistics'],
  },
  { name: 'context7', package: '@upstash/context7-mcp', command: 'context7-mcp' },
  {
    name: 'notion',
    package: '@notionhq/notion-mcp-server',
    command: 'notion-mcp-server',
    env: { NOTION_TOKEN: NO_KEY },
  },
  {
    name: 'sentry',
    package: '@sentry/mcp-server',
    command: 'sentry-mcp',
    args: () => [`--access-token=${NO_KEY}`, '--host=127.0.0.1'],
  },
  { name: 'firecrawl', package: 'firecrawl-mcp', command: 'firecrawl-mcp', env: { FIRECRAWL_API_KEY: NO_KEY } },
  {
    name: 'mongodb',
    package: 'mongodb-mcp-server',
    command: 'mongodb-mcp-server',
    env: { MDB_MCP_TELEMETRY: 'disabled', MDB_MCP_LOGGERS: 'stderr' },
  },
  { name: 'kubernetes', package: 'mcp-server-kubernetes', command: 'mcp-server-kubernetes' },
  {
    name: 'github',
    package: '@modelcontextprotocol/server-github',
    command: 'mcp-server-github',
    env: { GITHUB_PERSONAL_ACCESS_TOKEN: NO_KEY },
  },
  { name: 'pdf', package: '@modelcontextprotocol/server-pdf', command: 'mcp-pdf-server', args: () => ['--stdio'] },
]
