import { Command, Option } from 'commander'
import type { Installation } from '../control/installation.ts'
import { version } from '../engine/version.ts'
import { usageError } from './errors.ts'
import { collect, modeOption, outputOption, projectOption } from './options.ts'

/** The command line. Each verb's code is loaded when the verb is used, so that the short ones start fast. `installation`: inside the desktop app. */
export function createProgram(installation?: Installation): Command {
  const program = new Command('hallpass')
    .description('Lends agents and scripts short-lived tokens instead of your keys.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`hallpass: ${text.replace(/^error: /, '')}`) })
    .action((_options, command: Command) => {
      const [word] = command.args
      if (word !== undefined) command.error(`error: unknown command '${word}'. See hallpass --help`)
      command.outputHelp()
    })
    .allowExcessArguments()
  addEngineVerbs(program, installation)
  addMakingVerbs(program)
  addListingVerbs(program)
  addMcpVerbs(program)
  addClientVerbs(program)
  addSessionVerbs(program)
  return program
}

function addEngineVerbs(program: Command, installation: Installation | undefined): void {
  program
    .command('serve')
    .description('run the engine in the foreground')
    .addOption(
      new Option(
        '--log-mode <mode>',
        'strict: a log row is on disk before its upstream is called; kept as a setting',
      ).choices(['batched', 'strict']),
    )
    .option(
      '--allow-origin <origin>',
      'web pages that may call the API; repeatable, kept as a setting; "none" forgets them',
      collect,
    )
    .addOption(new Option('--detached').hideHelp())
    .action(async (options) => (await import('./commands/serve.ts')).serve(options, installation))
  program
    .command('stdio')
    .description('MCP over stdio, for clients that start a command')
    .addOption(projectOption().makeOptionMandatory())
    .option('--as <token>', 'name of a local token; without it, the only one of the project')
    .action(async (options: { project: string; as?: string }) =>
      (await import('./commands/stdio.ts')).stdio(options, installation),
    )
  program
    .command('status')
    .description('what runs, where, how many tokens')
    .addOption(outputOption())
    .action(async (options) => (await import('./commands/status.ts')).status(options))
  program
    .command('console')
    .description('print a link that signs a browser in to the web console, once')
    .addOption(outputOption())
    .action(async (options) => (await import('./commands/console.ts')).consoleLink(options))
  program
    .command('pause')
    .description('stop all access')
    .action(async () => (await import('./commands/pause.ts')).pause())
  program
    .command('resume')
    .description('let access go on')
    .action(async () => (await import('./commands/pause.ts')).resume())
}

function addMakingVerbs(program: Command): void {
  const create = program.command('create').description('make a project, connection or token')
  create
    .command('project <name>')
    .description('a workspace with its own connections, tokens and log')
    .action(async (name: string) => (await import('./commands/create-project.ts')).createProject(name))
  const connection = create
    .command('connection <name>')
    .description('an upstream, tried before it is kept')
    .addOption(projectOption().argParser(String))
    .addOption(
      new Option('--type <kind>', 'kind of upstream').choices(['grist', 'sqlite', 'http', 'mcp']).makeOptionMandatory(),
    )
    .option(
      '--url <address>',
      'grist: the server, or the address of the document itself; http: the base address; mcp: the server',
    )
    .option('--doc <id>', 'grist: id of the document')
    .option('--path <file>', 'sqlite: the file')
    .option('--create', 'sqlite: make the file if it is not there')
    .option('--auth <way>', 'http: bearer, basic, header:NAME[=WORD], query:NAME, oauth or none (default: none)')
    .option('--username <name>', 'http, basic: the user; without it, the secret is user:password')
    .option('--token-url <address>', 'http, oauth: where tokens come from; the secret is the client secret')
    .option('--client-id <id>', 'http, oauth: the client')
    .option('--scope <scopes>', 'http, oauth: what to ask for')
    .option('--rule <rule>', 'http: "[METHODS ]PATH=PERMISSION", the first that matches decides; repeatable', collect)
    .option('--openapi <file|address>', 'http: OpenAPI document whose operations become tools')
    .option('--operation <id>', 'http: only this operation; repeatable', collect)
    .option('--tag <tag>', 'http: only operations with this tag; repeatable', collect)
    .addOption(
      new Option(
        '--proxy <which>',
        'http: whether HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the engine are used',
      ).choices(['system', 'none']),
    )
    .option('--allow-encoded-slash', 'http: allow %2F in paths, for IDs that contain slashes')
    .option('--allow-range', 'http: forward Range headers although the connection has a secret')
    .option('--pin', 'http, mcp: the host may be one of a private network')
    .option('--health <path>', 'http: what is asked for to try the connection')
    .option('--timeout <time>', 'http: longest silence, such as 30s (default: 2m)')
    .option('--concurrency <n>', 'http: requests at a time (default: 64)')
    .option('--command <program>', 'mcp: the program to start, spoken to over stdio; no shell reads it')
    .option('--arg <argument>', 'mcp: an argument of the program; repeatable, in order', collect)
    .option(
      '--env <name=ref>',
      'mcp: a variable of the program: keychain (the secret), env:NAME, file:PATH or plain:VALUE; repeatable',
      collect,
    )
    .option('--cwd <folder>', 'mcp: the folder it runs in (default: your home)')
    .option(
      '--header <name=ref>',
      'mcp: a header for the url, as for --env; "Authorization=Bearer keychain"; repeatable',
      collect,
    )
    .option('--oauth', 'mcp: sign in through the browser')
    .option(
      '--oauth-client-id <id>',
      'mcp: sign in as a client that was registered beforehand; the secret, if it has one, is the client secret',
    )
    .option(
      '--oauth-callback-port <port>',
      'mcp: its registered address is http://127.0.0.1:PORT/callback (default: any port)',
    )
    .addOption(
      new Option('--trust <which>', 'mcp: whether new and changed tools wait for you (default: ask)').choices([
        'ask',
        'all',
      ]),
    )
    .option('--pass-through', 'mcp: its project shows clients this server alone, with its own names')
    .option('--secret-stdin', 'read the key from stdin')
    .option('--secret-ref <ref>', 'env:NAME or file:PATH of the key')
    .action(async (name: string, options) =>
      (await import('./commands/create-connection.ts')).createConnection(name, options),
    )
  refuseSecretArguments(connection)
  create
    .command('token <name>')
    .description('print a new token once; no rights unless given')
    .addOption(projectOption().makeOptionMandatory())
    .option('--ttl <time>', '30d, 12h, 90m, never, or an ISO 8601 instant (default: 30d)')
    .option('--bind <binding>', 'role:editor,connection:sales[,table:Orders]; repeatable', collect)
    .option('--clone', 'all that the project has')
    .option('--local', 'without a secret, for stdio clients of this user')
    .option('--rate <limit>', '100/s, 600/m or none')
    .addOption(modeOption())
    .option('--force', 'replace a token of that name, ending it')
    .action(async (name: string, options) => (await import('./commands/create-token.ts')).createToken(name, options))
  program
    .command('update')
    .description('change a project')
    .command('project <name>')
    .description('what it shows MCP clients')
    .addOption(modeOption())
    .option('--pass-through <connection>', 'this MCP server alone, with its own names; "none" ends that')
    .action(async (name: string, options) =>
      (await import('./commands/update-project.ts')).updateProject(name, options),
    )
  program
    .command('refresh <connection>')
    .description('read the OpenAPI document of an http connection again')
    .option('--operation <id>', 'offer only this operation as a tool; repeatable', collect)
    .option('--tag <tag>', 'offer only operations with this tag as tools; repeatable', collect)
    .action(async (name: string, options) => (await import('./commands/refresh.ts')).refresh(name, options))
  program
    .command('include <connection>')
    .description('let a project use a connection')
    .addOption(projectOption().makeOptionMandatory())
    .action(async (name: string, options) => (await import('./commands/include.ts')).include(name, options))
  program
    .command('exclude <connection>')
    .description('take a connection out of a project')
    .addOption(projectOption().makeOptionMandatory())
    .action(async (name: string, options) => (await import('./commands/include.ts')).exclude(name, options))
}

/** What only connections to MCP servers have. */
function addMcpVerbs(program: Command): void {
  program
    .command('tools <connection>')
    .description('the tools of an MCP server: which wait for you, what changed, what they take')
    .addOption(outputOption())
    .option('--accept <tool>', 'offer this tool as it is now; repeatable', collect)
    .option('--accept-all', 'offer all as they are now')
    .option(
      '--set <tool=permission>',
      'read, write or schema for this tool; "auto" for what it declares; repeatable',
      collect,
    )
    .action(async (name: string, options) => (await import('./commands/tools.ts')).tools(name, options))
  program
    .command('sign-in <connection>')
    .description('sign in to an MCP server through the browser')
    .action(async (name: string) => (await import('./commands/sign-in.ts')).signIn(name))
  program
    .command('test')
    .description('check a server')
    .command('mcp <url>')
    .description('check any MCP server over HTTP: 0 passes, 1 not reached or not allowed, 2 not what was expected')
    .option(
      '--token <token>',
      'bearer token (default: $HALLPASS_TOKEN); better there than here, where others can read it',
    )
    .option('--tool <name>', 'call this tool')
    .option('--args <json>', 'its arguments')
    .option('--expect-tools <names>', 'comma-separated; all must be there')
    .option('--timeout <seconds>', 'for each step', '30')
    .addOption(outputOption())
    .action(async (url: string, options) => (await import('./commands/test-mcp.ts')).testMcp(url, options))
}

/** Arguments stand in the process list and the shell's history. */
function refuseSecretArguments(command: Command): void {
  for (const flag of ['--secret', '--key', '--api-key', '--token', '--password']) {
    command.addOption(
      new Option(`${flag} [value]`)
        .hideHelp()
        .preset('')
        .argParser(() => {
          throw usageError(
            'A secret is never given as an argument, where others can read it: use --secret-stdin or --secret-ref.',
          )
        }),
    )
  }
}

function addListingVerbs(program: Command): void {
  program
    .command('get <kind>')
    .description('list projects, connections, tokens, sessions or requests')
    .addOption(projectOption())
    .addOption(outputOption())
    .action(async (kind: string, options) => (await import('./commands/get.ts')).get(kind, options))
  program
    .command('describe <kind> <name>')
    .description('all about one project, connection, token or session')
    .addOption(projectOption())
    .addOption(outputOption())
    .action(async (kind: string, name: string, options) =>
      (await import('./commands/describe.ts')).describe(kind, name, options),
    )
  program
    .command('delete <kind> <name>')
    .description('delete a project, connection or token, ending what hangs on it')
    .addOption(projectOption())
    .action(async (kind: string, name: string, options) =>
      (await import('./commands/delete.ts')).deleteOne(kind, name, options),
    )
  program
    .command('revoke <kind> <name>')
    .description('end a token or session at once')
    .addOption(projectOption())
    .action(async (kind: string, name: string, options) =>
      (await import('./commands/revoke.ts')).revoke(kind, name, options),
    )
  program
    .command('logs')
    .description('the request log')
    .addOption(projectOption())
    .addOption(outputOption())
    .option('-f, --follow', 'go on with new requests')
    .option('--token <name>', 'of this token')
    .option('--since <time>', '1h, 30m, or an ISO 8601 instant')
    .option('--limit <n>', 'at most this many', '100')
    .action(async (options) => (await import('./commands/logs.ts')).logs(options))
}

function addClientVerbs(program: Command): void {
  program
    .command('connect <client>')
    .description('put Hallpass into the configuration of an MCP client; no secret is written')
    .addOption(projectOption().makeOptionMandatory())
    .option('--as <token>', 'local token that the client acts as; without it, the only one of the project')
    .option('--dry-run', 'show what would be written')
    .action(async (client: string, options) => (await import('./commands/connect.ts')).connect(client, options))
  program
    .command('disconnect <client>')
    .description('take Hallpass out of the configuration of an MCP client')
    .addOption(projectOption())
    .option('--dry-run', 'show what would be written')
    .action(async (client: string, options) => (await import('./commands/disconnect.ts')).disconnect(client, options))
}

function addSessionVerbs(program: Command): void {
  const withGrant = (command: Command): Command =>
    command
      .addOption(projectOption().makeOptionMandatory())
      .requiredOption('--document <name>', 'the document, or the HTTP API, to open')
      .requiredOption('--permissions <list>', 'of read, write, schema')
      .option('--ttl <time>', 'how long it lives, at most 1h (default: 5m)')
      .option('--resource <table|path>', 'only this table of a document, or this path of an API; repeatable', collect)
  withGrant(program.command('session').description('print a new session token, alone, on stdout')).action(
    async (options) => (await import('./commands/session.ts')).session(options),
  )
  withGrant(program.command('run').description('run a command with a session token in its environment'))
    .argument('<command...>', 'the command, after --')
    .passThroughOptions()
    .action(async (command: string[], options) => (await import('./commands/run.ts')).run(command, options))
}
