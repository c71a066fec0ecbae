import { Option } from 'commander'
import { usageError } from '../errors.ts'
import { collect } from '../flags/options.ts'
import { choiceOption, type CliCommand } from './cli-command.ts'

/** Adds the options of `create connection`, grouped by the type they belong to. */
export function addConnectionOptions(command: CliCommand): CliCommand {
  command.addOption(
    choiceOption('--type <kind>', 'Type of connection', ['grist', 'sqlite', 'http', 'mcp']).makeOptionMandatory(),
  )
  return addConnectionSettings(command)
    .optionsGroup('SQLite files:')
    .option('--create', "Create the file if it doesn't exist")
    .optionsGroup('MCP servers:')
    .option('--pass-through', 'Show clients only this server, with its own tool names')
}

/** Adds the options that can be changed later, grouped by the type they belong to. */
export function addConnectionSettings(command: CliCommand): CliCommand {
  command
    .option(
      '--url <url>',
      'grist: URL of the document, or of the server with --doc; http: base URL; mcp: URL of the server',
    )
    .option('--pin', 'Allow a host in a private network (grist, http, mcp)')
    .option('--plain-http', 'Allow sending the secret to a public address without encryption (grist, http, mcp)')
    .option('--secret-stdin', 'Read the secret from stdin')
    .option('--secret-ref <ref>', 'Reference to the secret: env:NAME or file:PATH')
    .optionsGroup('Grist documents:')
    .option('--doc <id>', 'Document ID, if --url is the server')
    .optionsGroup('SQLite files:')
    .option('--path <file>', 'Path of the SQLite file')
    .optionsGroup('HTTP APIs:')
    .option(
      '--auth <method>',
      'How the secret is sent: bearer, basic, header:NAME[=PREFIX], query:NAME, oauth or none (default: none)',
    )
    .option('--username <name>', 'Username for basic (default: the secret is user:password)')
    .option('--token-url <url>', 'Token URL for oauth. The secret is the client secret')
    .option('--client-id <id>', 'Client ID for oauth')
    .option('--scope <scopes>', 'Scopes for oauth, separated by spaces')
    .option(
      '--rule <rule>',
      'Permission that requests need: "[METHODS ]PATH=PERMISSION", for example "POST /search=read". The first matching rule applies; repeatable',
      collect,
    )
    .option('--openapi <file|url>', 'OpenAPI document (file or URL) whose operations become tools')
    .option('--operation <id>', 'Include only this operation; repeatable', collect)
    .option('--tag <tag>', 'Include only operations with this tag; repeatable', collect)
    .addOption(
      choiceOption('--proxy <which>', "Use the engine's HTTP_PROXY, HTTPS_PROXY and NO_PROXY (default: none)", [
        'system',
        'none',
      ]),
    )
    .option('--allow-encoded-slash', 'Allow %2F in paths, for IDs that contain slashes')
    .option('--allow-range', 'Forward Range headers although the connection has a secret')
    .option('--health <path>', 'Path to request when testing the connection')
    .option('--timeout <time>', 'Timeout without data, for example 30s (default: 2m)')
    .option('--concurrency <n>', 'Maximum concurrent requests (default: 64)')
    .optionsGroup('MCP servers:')
    .option('--command <program>', "Program to start. It talks MCP over stdio and doesn't run in a shell")
    .option('--arg <argument>', 'Argument for the program; repeatable, in order', collect)
    .option(
      '--env <name=ref>',
      'Environment variable for the program: NAME=keychain (the secret), env:NAME, file:PATH or plain:VALUE; repeatable',
      collect,
    )
    .option('--cwd <folder>', 'Working directory of the program (default: your home folder)')
    .option(
      '--header <name=ref>',
      'Header to send, with the same sources as --env, for example "Authorization=Bearer keychain"; repeatable',
      collect,
    )
    .option('--oauth', 'Sign in with the browser (OAuth 2.1)')
    .option(
      '--oauth-client-id <id>',
      'Client ID of a client that you registered with the server. The secret, if any, is its client secret',
    )
    .option(
      '--oauth-callback-port <port>',
      'Port of the registered redirect URI http://127.0.0.1:PORT/callback (default: any port)',
    )
    .addOption(
      choiceOption(
        '--trust <which>',
        'Review of new and changed tools: ask, or all to trust the server (default: ask)',
        ['ask', 'all'],
      ),
    )
  rejectSecretArguments(command)
  return command
}

/** Rejects secrets as arguments, because the process list and the shell's history show them. */
function rejectSecretArguments(command: CliCommand): void {
  for (const flag of ['--secret', '--key', '--api-key', '--token', '--password']) {
    command.addOption(
      new Option(`${flag} [value]`)
        .hideHelp()
        .preset('')
        .argParser(() => {
          throw usageError(
            "Secrets can't be passed as arguments, because other users could read them. Use --secret-stdin or --secret-ref.",
          )
        }),
    )
  }
}
