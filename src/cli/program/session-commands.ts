import { collect, countOption, outputOption, projectOption } from '../flags/options.ts'
import type { CliCommand } from './cli-command.ts'

export function addSessionCommands(program: CliCommand): void {
  addSessionOptions(program.command('session').description('Create a session token and print it to stdout'))
    .action(async (options) => (await import('../commands/session.ts')).session(options))
    .examples('TOKEN=$(hallpass session -p demo --document sales --permissions read)')
  addSessionOptions(
    program
      .command('run')
      .description('Run a command with a session token in its environment, and revoke the token when it exits'),
  )
    .argument('<command...>', 'Command to run, after --')
    .passThroughOptions()
    .action(async (command: string[], options) => (await import('../commands/run.ts')).run(command, options))
    .examples(
      'hallpass run -p demo --document sales --permissions write --ttl 15m -- python3 examples/bulk-load.py orders.csv',
    )
  program
    .command('may <method> <connection> [resource]')
    .description('Check whether a token can do something, and which grant or rule decides. Sends nothing')
    .addOption(projectOption().makeOptionMandatory())
    .requiredOption('--token <name>', 'Token to check')
    .addOption(outputOption())
    .action(async (method: string, connection: string, resource: string | undefined, options) =>
      (await import('../commands/may.ts')).may(method, connection, resource, options),
    )
    .examples(
      'hallpass may -p demo --token my-agent add_records sales Orders',
      'hallpass may -p demo --token my-agent POST stays /listings',
      'hallpass may -p demo --token my-agent call tracker search',
    )
}

function addSessionOptions(command: CliCommand): CliCommand {
  return command
    .addOption(projectOption().makeOptionMandatory())
    .requiredOption('--document <name>', 'Document or HTTP API the token is for')
    .requiredOption('--permissions <list>', 'Permissions, separated by commas: read, write, schema')
    .option('--ttl <time>', 'Lifetime, at most 1h (default: 5m)')
    .addOption(countOption('--max-requests <count>', 'Number of requests after which the token expires'))
    .option('--resource <table|path>', 'Limit the token to this table or path; repeatable', collect)
    .option('--allow-missing', "Accept a table or path that doesn't exist yet")
}
