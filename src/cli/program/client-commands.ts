import type { Installation } from '../../control/installation.ts'
import { projectOption } from '../flags/options.ts'
import type { CliCommand } from './cli-command.ts'

export function addClientCommands(program: CliCommand, installation: Installation | undefined): void {
  program.commandsGroup('Agents and scripts:')
  program
    .command('connect <client>')
    .description("Add Hallpass to an MCP client's configuration. No secret is written")
    .addOption(projectOption().makeOptionMandatory())
    .option('--as <token>', "Local token the client uses (default: the project's only local token)")
    .option('--dry-run', 'Preview the change without writing it')
    .action(async (client: string, options) => (await import('../commands/connect.ts')).connect(client, options))
    .examples(
      'hallpass connect claude-desktop -p demo --dry-run',
      'hallpass get clients -p demo   # lists the supported clients',
    )
  program
    .command('disconnect <client>')
    .description("Remove Hallpass from an MCP client's configuration")
    .addOption(projectOption())
    .option('--dry-run', 'Preview the change without writing it')
    .action(async (client: string, options) => (await import('../commands/disconnect.ts')).disconnect(client, options))
    .examples('hallpass disconnect claude-desktop', 'hallpass disconnect claude-desktop -p demo --dry-run')
  program
    .command('stdio')
    .description('Serve MCP over stdio (for clients that start a command)')
    .addOption(projectOption().makeOptionMandatory())
    .option('--as <token>', "Local token to use (default: the project's only local token)")
    .action(async (options: { project: string; as?: string }) =>
      (await import('../commands/stdio.ts')).stdio(options, installation),
    )
    .examples('hallpass stdio --project demo --as local-agent')
}
