import { t } from '../../../../../contract/text/translate.ts'
import type { HttpValues } from '../http/http-values.ts'
import type { McpValues } from '../mcp/mcp-values.ts'
import type { ValueRow } from '../mcp/value-row.ts'

/** A service that can be connected, with everything but its secret filled in. */
export interface CatalogEntry {
  id: string
  /** Its own name, which is never translated. */
  name: string
  does: string
  /** Where its owner gets the secret; null if there is none. */
  secret: { what: string; from: string } | null
  /** What has to be filled in besides the secret. */
  toFillIn?: string
  form: { kind: 'mcp'; values: Partial<McpValues> } | { kind: 'http'; values: Partial<HttpValues> }
}

/** A package with its exact version, because a later version can be a different program. */
function npx(name: string, version: string, ...args: string[]): string {
  return ['npx', '-y', `${name}@${version}`, ...args].join(' ')
}

function fromSecret(name: string): ValueRow[] {
  return [{ id: 1, name, source: 'keychain', text: '', touched: false }]
}

const API_KEY = t`API key`

/** Ships with each release. Nothing is downloaded, so entries change only with a release. */
export const CATALOG: readonly CatalogEntry[] = [
  {
    id: 'brave-search',
    name: 'Brave Search',
    does: t`Searches the web, news, images and places.`,
    secret: { what: API_KEY, from: 'https://api-dashboard.search.brave.com/app/keys' },
    form: {
      kind: 'mcp',
      values: {
        transport: 'command',
        name: 'brave-search',
        command: npx('@brave/brave-search-mcp-server', '2.1.4', '--transport', 'stdio'),
        env: fromSecret('BRAVE_API_KEY'),
      },
    },
  },
  {
    id: 'context7',
    name: 'Context7',
    does: t`Finds current documentation and examples of software libraries.`,
    secret: { what: API_KEY, from: 'https://context7.com/dashboard' },
    form: {
      kind: 'mcp',
      values: {
        transport: 'address',
        name: 'context7',
        url: 'https://mcp.context7.com/mcp',
        headers: fromSecret('Authorization'),
      },
    },
  },
  {
    id: 'filesystem',
    name: 'Filesystem',
    does: t`Reads and writes files in the folders that you choose.`,
    secret: null,
    toFillIn: t`Replace /path/to/folder by the full path of a folder.`,
    form: {
      kind: 'mcp',
      values: {
        transport: 'command',
        name: 'files',
        command: npx('@modelcontextprotocol/server-filesystem', '2026.8.31', '/path/to/folder'),
      },
    },
  },
  {
    id: 'firecrawl',
    name: 'Firecrawl',
    does: t`Reads web pages as text, and searches and crawls websites.`,
    secret: { what: API_KEY, from: 'https://www.firecrawl.dev/app/api-keys' },
    form: {
      kind: 'mcp',
      values: {
        transport: 'command',
        name: 'firecrawl',
        command: npx('firecrawl-mcp', '3.22.2'),
        env: fromSecret('FIRECRAWL_API_KEY'),
      },
    },
  },
  {
    id: 'github-mcp',
    name: 'GitHub (MCP)',
    does: t`Reads repositories, and manages issues and pull requests, as tools for agents.`,
    secret: { what: t`Personal access token`, from: 'https://github.com/settings/personal-access-tokens/new' },
    form: {
      kind: 'mcp',
      values: {
        transport: 'address',
        name: 'github',
        url: 'https://api.githubcopilot.com/mcp/',
        headers: fromSecret('Authorization'),
      },
    },
  },
  {
    id: 'github-api',
    name: 'GitHub (API)',
    does: t`Everything in GitHub's REST API, for scripts.`,
    secret: { what: t`Personal access token`, from: 'https://github.com/settings/personal-access-tokens/new' },
    form: {
      kind: 'http',
      values: { name: 'github-api', url: 'https://api.github.com', authMethod: 'bearer', healthPath: '/user' },
    },
  },
  {
    id: 'gitlab',
    name: 'GitLab',
    does: t`Everything in GitLab's REST API, for scripts.`,
    secret: { what: t`Personal access token`, from: 'https://gitlab.com/-/user_settings/personal_access_tokens' },
    toFillIn: t`For your own GitLab server, change the host of the base URL.`,
    form: {
      kind: 'http',
      values: {
        name: 'gitlab',
        url: 'https://gitlab.com/api/v4',
        authMethod: 'header',
        authName: 'PRIVATE-TOKEN',
        healthPath: '/user',
        // GitLab addresses a project by its path, with the slash encoded.
        encodedSlash: true,
      },
    },
  },
  {
    id: 'memory',
    name: 'Memory',
    does: t`Remembers facts between conversations, in a file on this computer.`,
    secret: null,
    toFillIn: t`Replace /path/to/memory.jsonl by the full path of a file, which the server creates.`,
    form: {
      kind: 'mcp',
      values: {
        transport: 'command',
        name: 'memory',
        command: npx('@modelcontextprotocol/server-memory', '2026.8.31'),
        env: [{ id: 1, name: 'MEMORY_FILE_PATH', source: 'plain', text: '/path/to/memory.jsonl', touched: false }],
      },
    },
  },
  {
    id: 'notion',
    name: 'Notion',
    does: t`Reads and writes the pages and databases of an integration.`,
    secret: { what: t`Integration secret`, from: 'https://www.notion.so/profile/integrations' },
    form: {
      kind: 'mcp',
      values: {
        transport: 'command',
        name: 'notion',
        command: npx('@notionhq/notion-mcp-server', '2.5.2'),
        env: fromSecret('NOTION_TOKEN'),
      },
    },
  },
  {
    id: 'openai',
    name: 'OpenAI',
    does: t`Models of OpenAI, for scripts.`,
    secret: { what: API_KEY, from: 'https://platform.openai.com/api-keys' },
    toFillIn: t`A restricted key must be able to list models, which is how it is tested.`,
    form: {
      kind: 'http',
      values: { name: 'openai', url: 'https://api.openai.com/v1', authMethod: 'bearer', healthPath: '/models' },
    },
  },
  {
    id: 'playwright',
    name: 'Playwright',
    does: t`Controls a web browser on this computer.`,
    secret: null,
    form: {
      kind: 'mcp',
      values: { transport: 'command', name: 'playwright', command: npx('@playwright/mcp', '0.0.83') },
    },
  },
  {
    id: 'stripe',
    name: 'Stripe',
    does: t`Customers, payments and invoices, for scripts.`,
    secret: { what: t`Restricted key`, from: 'https://dashboard.stripe.com/apikeys' },
    toFillIn: t`The key must be able to read the balance, which is how it is tested.`,
    form: {
      kind: 'http',
      values: { name: 'stripe', url: 'https://api.stripe.com/v1', authMethod: 'bearer', healthPath: '/balance' },
    },
  },
]
