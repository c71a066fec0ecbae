import { answerCharsOption, collect, modeOption, projectOption } from '../flags/options.ts'
import { budgetOption } from '../flags/budget-option.ts'
import type { CliCommand } from './cli-command.ts'
import { addConnectionOptions } from './connection-options.ts'

export function addCreateCommands(program: CliCommand): void {
  program.commandsGroup('Projects, connections and tokens:')
  const create = program
    .command('create')
    .usage('<kind> <name> [options]')
    .description('Create a project, connection or token')
    .examples('hallpass create project work', 'hallpass create token my-agent -p demo --clone')
  create
    .command('project <name>')
    .description('Create a project: a workspace with its own connections, tokens and log')
    .action(async (name: string) => (await import('../commands/create-project.ts')).createProject(name))
    .examples('hallpass create project work')
  const connection = create
    .command('connection <name>')
    .description('Create a connection. It is tested before it is saved')
    .addOption(projectOption('Project to add the connection to'))
  addConnectionOptions(connection)
    .action(async (name: string, options) =>
      (await import('../commands/create-connection.ts')).createConnection(name, options),
    )
    .examples(
      'echo "$GRIST_API_KEY" | hallpass create connection crm -p demo --type grist --url https://docs.getgrist.com/<doc> --secret-stdin',
      'hallpass create connection books -p demo --type sqlite --path ~/books.sqlite',
      'echo "$KEY" | hallpass create connection stays -p demo --type http --url https://api.stays.example/v1 --auth header:X-API-Key --secret-stdin',
      'hallpass create connection files -p demo --type mcp --command npx --arg -y --arg @modelcontextprotocol/server-filesystem --arg ~/notes',
    )
  create
    .command('token <name>')
    .description('Create a token and print its secret once. It has no access unless you grant it')
    .addOption(projectOption().makeOptionMandatory())
    .option('--ttl <time>', 'Lifetime: 30d, 12h, 90m, never or an ISO 8601 timestamp (default: 30d)')
    .option(
      '--bind <binding>',
      'Access: role:viewer|editor|admin,connection:NAME[,table:NAME][,tool:PATTERN][,path:PATTERN]; repeatable',
      collect,
    )
    .option('--allow-missing', "Accept tables, tools and paths that don't exist yet")
    .option('--clone', 'Grant read, write and schema on every connection of the project')
    .option('--local', 'Create a local token: no secret, for stdio clients of your user account')
    .option('--rate <limit>', 'Rate limit: 100/s, 600/m or none (default: from the settings)')
    .addOption(budgetOption())
    .addOption(modeOption())
    .addOption(answerCharsOption("the project's"))
    .option('--description <text>', 'What the token is for, at most 200 characters')
    .option('--force', 'Replace an existing token with this name. The old one is revoked')
    .action(async (name: string, options) => (await import('../commands/create-token.ts')).createToken(name, options))
    .examples(
      'hallpass create token my-agent -p demo --bind role:editor,connection:sales',
      'hallpass create token claude -p demo --local --bind role:viewer,connection:sales,table:Orders',
      'hallpass create token ci -p demo --clone --ttl 12h',
    )
}
