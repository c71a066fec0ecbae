import { modeOption, outputOption, projectOption } from '../options.ts'
import type { CliCommand } from './cli-command.ts'

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
    .description('Update a project')
    .examples('hallpass update project demo --mode search')
  update
    .command('project <name>')
    .description('Choose which tools a project shows to MCP clients')
    .addOption(modeOption())
    .option('--pass-through <connection>', 'Show only this MCP server, with its own names; "none" turns it off')
    .action(async (name: string, options) =>
      (await import('../commands/update-project.ts')).updateProject(name, options),
    )
    .examples('hallpass update project demo --mode search', 'hallpass update project demo --pass-through files')
  program
    .command('delete <kind> <name>')
    .description('Delete a project, connection or token, and revoke the session tokens that depend on it')
    .addOption(projectOption())
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
