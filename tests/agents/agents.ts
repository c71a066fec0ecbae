import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** How an agent reaches Hallpass. */
export type Way =
  | { kind: 'stdio'; command: string; args: string[]; env: Record<string, string> }
  | { kind: 'http'; url: string; token: string }

export interface Run {
  /** An empty folder: the agent's home and working directory. */
  folder: string
  model: string
  way: Way
}

export interface Agent {
  name: string
  package: string
  command: string
  /** Writes its configuration and returns how to start it. */
  prepare(run: Run): { args: string[]; env: Record<string, string> }
}

const ENTRY = 'hp-demo'
const PROMPT = 'Do what the script says.'

function write(folder: string, path: string, content: unknown): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  return file
}

const launch = (way: Way & { kind: 'stdio' }) => ({ command: way.command, args: way.args, env: way.env })
const authorization = (way: Way & { kind: 'http' }) => ({ Authorization: `Bearer ${way.token}` })

export const AGENTS: readonly Agent[] = [
  {
    name: 'Claude Code',
    package: '@anthropic-ai/claude-code',
    command: 'claude',
    prepare({ folder, model, way }) {
      const server = way.kind === 'stdio' ? launch(way) : { type: 'http', url: way.url, headers: authorization(way) }
      const config = write(folder, 'mcp.json', { mcpServers: { [ENTRY]: server } })
      return {
        args: ['-p', PROMPT, '--mcp-config', config, '--strict-mcp-config', '--allowedTools', `mcp__${ENTRY}`],
        env: {
          ANTHROPIC_BASE_URL: model,
          ANTHROPIC_API_KEY: 'sk-scripted',
          CLAUDE_CONFIG_DIR: join(folder, 'claude'),
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
          // Otherwise its first request may offer no tool of Hallpass yet.
          MCP_CONNECTION_NONBLOCKING: 'false',
          // Otherwise tools are found by a search that a script can't foresee.
          ENABLE_TOOL_SEARCH: 'false',
        },
      }
    },
  },
  {
    name: 'Codex',
    package: '@openai/codex',
    command: 'codex',
    prepare({ folder, model, way }) {
      const server =
        way.kind === 'stdio'
          ? [
              `command = ${JSON.stringify(way.command)}`,
              `args = ${JSON.stringify(way.args)}`,
              '[mcp_servers.hp-demo.env]',
            ].concat(Object.entries(way.env).map(([name, value]) => `${name} = ${JSON.stringify(value)}`))
          : [`url = ${JSON.stringify(way.url)}`, 'bearer_token_env_var = "HALLPASS_AGENT_TOKEN"']
      write(
        folder,
        'codex/config.toml',
        [
          'model = "scripted"',
          'model_provider = "scripted"',
          '[model_providers.scripted]',
          'name = "Scripted"',
          `base_url = ${JSON.stringify(`${model}/v1`)}`,
          'wire_api = "responses"',
          `[mcp_servers.${ENTRY}]`,
          'startup_timeout_sec = 60',
          // Otherwise its first request may offer no tool of Hallpass yet.
          'required = true',
          ...server,
          '',
        ].join('\n'),
      )
      return {
        args: ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', PROMPT],
        env: {
          CODEX_HOME: join(folder, 'codex'),
          ...(way.kind === 'http' ? { HALLPASS_AGENT_TOKEN: way.token } : {}),
        },
      }
    },
  },
  {
    name: 'Gemini CLI',
    package: '@google/gemini-cli',
    command: 'gemini',
    prepare({ folder, model, way }) {
      const server = way.kind === 'stdio' ? launch(way) : { httpUrl: way.url, headers: authorization(way) }
      write(folder, '.gemini/settings.json', {
        mcpServers: { [ENTRY]: { ...server, trust: true } },
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        general: { disableAutoUpdate: true, enableAutoUpdate: false },
      })
      return {
        args: ['-p', PROMPT, '--yolo', '--skip-trust', '-m', 'gemini-2.5-flash'],
        env: { GEMINI_API_KEY: 'scripted', GOOGLE_GEMINI_BASE_URL: model, GEMINI_CLI_HOME: folder },
      }
    },
  },
  {
    name: 'opencode',
    package: 'opencode-ai',
    command: 'opencode',
    prepare({ folder, model, way }) {
      const server =
        way.kind === 'stdio'
          ? { type: 'local', command: [way.command, ...way.args], environment: way.env, timeout: 60_000 }
          : { type: 'remote', url: way.url, headers: authorization(way), oauth: false, timeout: 60_000 }
      write(folder, 'opencode.json', {
        autoupdate: false,
        share: 'disabled',
        provider: {
          scripted: {
            npm: '@ai-sdk/openai-compatible',
            options: { baseURL: `${model}/v1`, apiKey: 'scripted' },
            models: { scripted: { tool_call: true, limit: { context: 100_000, output: 10_000 } } },
          },
        },
        mcp: { [ENTRY]: server },
        permission: 'allow',
      })
      return {
        args: ['run', '-m', 'scripted/scripted', PROMPT],
        env: {
          OPENCODE_DISABLE_MODELS_FETCH: '1',
          OPENCODE_DISABLE_AUTOUPDATE: '1',
          XDG_CONFIG_HOME: join(folder, 'config'),
        },
      }
    },
  },
  {
    name: 'Copilot CLI',
    package: '@github/copilot',
    command: 'copilot',
    prepare({ folder, model, way }) {
      const server =
        way.kind === 'stdio'
          ? { type: 'local', ...launch(way), tools: ['*'] }
          : { type: 'http', url: way.url, headers: authorization(way), tools: ['*'] }
      const config = write(folder, 'mcp.json', { mcpServers: { [ENTRY]: server } })
      return {
        args: ['-p', PROMPT, '--allow-all', '--additional-mcp-config', `@${config}`, '--no-auto-update'],
        env: {
          COPILOT_PROVIDER_BASE_URL: `${model}/v1`,
          COPILOT_PROVIDER_TYPE: 'openai',
          COPILOT_PROVIDER_API_KEY: 'scripted',
          COPILOT_MODEL: 'scripted',
          COPILOT_OFFLINE: 'true',
          COPILOT_HOME: join(folder, 'copilot'),
        },
      }
    },
  },
]
