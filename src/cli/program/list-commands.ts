import { Option } from 'commander'
import {
  answerCharsOption,
  collect,
  modeOption,
  outputOption,
  payloadsOption,
  projectOption,
} from '../flags/options.ts'
import { budgetOption } from '../flags/budget-option.ts'
import { REMOVABLE_NAMES } from '../flags/removable-settings.ts'
import { choiceOption, type CliCommand } from './cli-command.ts'
import { addConnectionSettings } from './connection-options.ts'

export function addListCommands(program: CliCommand): void {
  program
    .command('get <kind>')
    .description('List projects, connections, tokens, sessions, requests or clients')
    .addOption(projectOption())
    .addOption(outputOption())
    .action(async (kind: string, options) => (await import('../commands/get.ts')).get(kind, options))
    .examples('hallpass get tokens -p demo', 'hallpass get sessions -o json')
  program
    .command('describe <kind> <name>')
    .description('Show details of a project, connection, token or session')
    .addOption(projectOption())
    .addOption(outputOption())
    .action(async (kind: string, name: string, options) =>
      (await import('../commands/describe.ts')).describe(kind, name, options),
    )
    .examples('hallpass describe token my-agent -p demo', 'hallpass describe connection sales -o yaml')
  const update = program
    .command('update')
    .usage('<kind> <name> [options]')
    .description('Update a project, connection or token')
    .examples('hallpass update project demo --mode search', 'hallpass update token ci -p demo --ttl 30d')
  update
    .command('project <name>')
    .description(
      'Describe or pin a project, record its payloads, and choose which tools it shows to MCP clients and how long answers can be',
    )
    .option('--description <text>', 'What the project is for')
    .option('--pinned', 'Show it first in the app')
    .option('--no-pinned', 'Turn --pinned off')
    .addOption(payloadsOption())
    .addOption(modeOption())
    .option('--pass-through <connection>', 'Show only this MCP server, with its own names; "none" turns it off')
    .addOption(answerCharsOption('from the settings, off in pass-through mode'))
    .action(async (name: string, options) =>
      (await import('../commands/update-project.ts')).updateProject(name, options),
    )
    .examples(
      'hallpass update project demo --mode search',
      'hallpass update project demo --pass-through files',
      'hallpass update project demo --payloads 7d',
    )
  addConnectionSettings(
    update
      .command('connection <name>')
      .description('Change the settings or the secret of a connection. The result is tested before it is saved'),
  )
    .optionsGroup('Changes:')
    .option('--no-pin', 'Turn --pin off')
    .option('--no-plain-http', 'Turn --plain-http off')
    .option('--no-allow-encoded-slash', 'Turn --allow-encoded-slash off')
    .option('--no-allow-range', 'Turn --allow-range off')
    .option('--no-oauth', 'Turn --oauth off')
    .addOption(
      new Option('--unset <setting>', 'Remove a setting, so that its default applies; repeatable')
        .choices(REMOVABLE_NAMES)
        .argParser(collect),
    )
    .option('--keep-secret', 'Send the stored secret to the new address or command')
    .option('--dry-run', 'Show the differences without testing or changing anything')
    .action(async (name: string, options) =>
      (await import('../commands/update-connection.ts')).updateConnection(name, options),
    )
    .examples(
      'echo "$NEW_KEY" | hallpass update connection crm --secret-stdin',
      'hallpass update connection stays --url https://api.stays.example/v2 --rule "POST /search=read"',
      'hallpass update connection stays --no-pin --unset timeout',
    )
  update
    .command('token <name>')
    .description('Change an active token. Its secret stays. New bindings replace all old ones')
    .addOption(projectOption().makeOptionMandatory())
    .option(
      '--bind <binding>',
      'Access: role:viewer|editor|admin,connection:NAME[,table:NAME][,tool:PATTERN][,path:PATTERN]; repeatable',
      collect,
    )
    .option('--clone', 'Grant read, write and schema on every connection of the project')
    .option('--allow-missing', "Accept tables, tools and paths that don't exist yet")
    .option('--ttl <time>', 'New lifetime, from now: 30d, 12h, 90m, never or an ISO 8601 timestamp')
    .option('--rate <limit>', 'Rate limit: 100/s, 600/m, none or default (from the settings)')
    .addOption(budgetOption())
    .addOption(
      choiceOption('--mode <mode>', 'Tools shown to MCP clients: all, search or default (the project decides)', [
        'all',
        'search',
        'default',
      ]),
    )
    .option('--description <text>', 'What the token is for')
    .option('--pause', 'Pause only this token: its requests get PAUSED, and running ones are interrupted')
    .option('--resume', 'Resume a paused token')
    .addOption(answerCharsOption("the project's"))
    .option('--dry-run', 'Show what would change without changing it')
    .action(async (name: string, options) => (await import('../commands/update-token.ts')).updateToken(name, options))
    .examples(
      'hallpass update token ci -p demo --bind role:viewer,connection:sales --dry-run',
      'hallpass update token ci -p demo --ttl 30d',
      'hallpass update token ci -p demo --answer-chars off',
      'hallpass update token ci -p demo --budget requests=10000,bytes=1000000000',
    )
  const rotate = program
    .command('rotate')
    .usage('<kind> <name> [options]')
    .description('Create a new secret for a token')
    .examples('hallpass rotate token ci -p demo')
  rotate
    .command('token <name>')
    .description('Create a new secret for a token and print it once. The old secret stops working')
    .addOption(projectOption().makeOptionMandatory())
    .option('--overlap <time>', 'How long the old secret still works: 1h, 30m, at most 7d (default: not at all)')
    .action(async (name: string, options) => (await import('../commands/rotate-token.ts')).rotateToken(name, options))
    .examples('hallpass rotate token ci -p demo', 'hallpass rotate token ci -p demo --overlap 1h')
  program
    .command('rename <kind> <name> <new-name>')
    .description('Rename a project, connection or token. Grants stay. Session tokens end, except those of a connection')
    .addOption(projectOption())
    .action(async (kind: string, name: string, newName: string, options) =>
      (await import('../commands/rename.ts')).rename(kind, name, newName, options),
    )
    .examples('hallpass rename connection sales orders', 'hallpass rename token ci builds -p demo')
  program
    .command('delete <kind> <name>')
    .description('Delete a project, connection or token, and revoke the session tokens that depend on it')
    .addOption(projectOption())
    .option('-y, --yes', 'Delete without asking')
    .action(async (kind: string, name: string, options) =>
      (await import('../commands/delete.ts')).deleteRecord(kind, name, options),
    )
    .examples('hallpass delete token my-agent -p demo')
  program
    .command('revoke <kind> <name>')
    .description('Revoke a token or session token immediately')
    .addOption(projectOption())
    .action(async (kind: string, name: string, options) =>
      (await import('../commands/revoke.ts')).revoke(kind, name, options),
    )
    .examples('hallpass revoke session s-5c9ad019d921', 'hallpass revoke token my-agent -p demo')
  program
    .command('include <connection>')
    .description('Add an existing connection to a project')
    .addOption(projectOption().makeOptionMandatory())
    .action(async (name: string, options) => (await import('../commands/include.ts')).include(name, options))
    .examples('hallpass include sales -p demo')
  program
    .command('exclude <connection>')
    .description('Remove a connection from a project. Tokens lose their access to it')
    .addOption(projectOption().makeOptionMandatory())
    .action(async (name: string, options) => (await import('../commands/exclude.ts')).exclude(name, options))
    .examples('hallpass exclude sales -p demo')
}
