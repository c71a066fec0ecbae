import { projectOption } from '../flags/options.ts'
import { choiceOption, type CliCommand } from './cli-command.ts'

export function addLogCommands(program: CliCommand): void {
  const logs = program
    .command('logs')
    .description('Show the request log, newest last')
    .addOption(projectOption())
    .addOption(
      choiceOption('-o, --output <format>', 'Output format; jsonl and csv print every matching request', [
        'table',
        'json',
        'yaml',
        'jsonl',
        'csv',
      ]).default('table'),
    )
    .option('-f, --follow', 'Keep printing new requests')
    .option('--token <name>', 'Only requests made with this token or its session tokens')
    .option('--hash <sha256>', 'Only requests made with the token of this hash, also an expired or revoked one')
    .option('--request-id <id>', 'Only the request with this ID')
    .option('--status <status>', 'Only requests with this status: 404, 4xx, ok, denied, error or failed')
    .option('--method <name>', 'Only requests of this method or tool')
    .option('--connection <name>', 'Only requests to this connection')
    .option('--since <time>', 'Only requests since: 1h, 30m or an ISO 8601 timestamp')
    .option('--until <time>', 'Only requests before: 1h, 30m or an ISO 8601 timestamp')
    .option('--before <row>', 'Only requests before this row of the log; each full page ends with the next value')
    .option('--limit <n>', 'Maximum number of requests', '100')
    .action(async (options) => (await import('../commands/logs.ts')).logs(options))
    .examples(
      'hallpass logs -f -p demo',
      'hallpass logs --since 1h --token my-agent -o json',
      'hallpass logs --limit 1000 --before 52731',
      'hallpass logs --status failed --until 1d -o csv > failed.csv',
    )
  logs
    .command('verify')
    .description('Check that no request in the log was changed, added or removed')
    .action(async () => (await import('../commands/logs-verify.ts')).logsVerify())
    .examples('hallpass logs verify')
  logs
    .command('payload <row>')
    .description('Show what a request sent and got, if its project records payloads. Secrets and tokens are masked')
    .action(async (row: string) => (await import('../commands/logs-payload.ts')).logsPayload(row))
    .examples('hallpass logs payload 52731')
}
