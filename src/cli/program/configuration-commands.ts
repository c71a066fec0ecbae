import { outputOption, projectOption } from '../flags/options.ts'
import { choiceOption, type CliCommand } from './cli-command.ts'

export function addConfigurationCommands(program: CliCommand): void {
  program.commandsGroup('Configuration and care:')
  program
    .command('doctor')
    .description(
      'Check this computer, the engine, clients and connections. Exits with 0, 1 for warnings, or 2 if something is broken',
    )
    .addOption(outputOption())
    .action(async (options) => (await import('../commands/doctor.ts')).doctor(options))
    .examples('hallpass doctor', 'hallpass doctor -o json')
  program
    .command('export')
    .description('Print projects, connections, tokens and settings as a configuration file. Secrets are references')
    .addOption(projectOption('Only this project and its connections'))
    .addOption(choiceOption('-o, --output <format>', 'Output format', ['yaml', 'json']).default('yaml'))
    .option('--schema', 'Print the JSON Schema of configuration files instead')
    .action(async (options) => (await import('../commands/export.ts')).exportConfiguration(options))
    .examples(
      'hallpass export > hallpass.yaml',
      'hallpass export -p demo',
      'hallpass export --schema > hallpass.schema.json',
    )
  program
    .command('apply')
    .description('Make projects, connections, tokens and settings match a configuration file, completely or not at all')
    .requiredOption('-f, --file <file>', 'Configuration file (YAML or JSON), or - for stdin')
    .option('--dry-run', 'Show the differences without testing or changing anything')
    .option('--prune', "Delete what the file doesn't name. Sections that are missing from the file don't change")
    .option('-y, --yes', 'Delete without asking')
    .option('--keep-secret', 'Send stored secrets to the addresses and commands that the file changes')
    .option('--allow-network', 'Allow settings that let other computers reach Hallpass')
    .option('--token-file <file>', 'Write the secrets of new tokens to this new file (mode 0600) instead of stdout')
    .addOption(outputOption())
    .action(async (options) => (await import('../commands/apply.ts')).apply(options))
    .examples(
      'hallpass apply -f hallpass.yaml --dry-run',
      'hallpass apply -f hallpass.yaml --token-file tokens.txt',
      'hallpass export | hallpass apply -f -',
    )
  program
    .command('backup <file>')
    .description(
      'Write everything to one file while Hallpass runs: database, log, vault file and documents of the data folder',
    )
    .action(async (file: string) => (await import('../commands/backup.ts')).backup(file))
    .examples('hallpass backup ~/hallpass-2026-11-28.backup')
  program
    .command('restore <file>')
    .description('Build the data folder from a backup. It must be empty, and its tokens are revoked or reissued')
    .option('--reissue', 'Give every token that was active a new secret, with its grants')
    .option('--token-file <file>', 'Write the new secrets to this new file (mode 0600) instead of stdout')
    .action(async (file: string, options) => (await import('../commands/restore.ts')).restore(file, options))
    .examples('HALLPASS_HOME=/srv/hallpass hallpass restore hallpass.backup --reissue --token-file tokens.txt')
  program
    .command('rekey')
    .description('Encrypt the vault file with a new key while Hallpass is stopped')
    .requiredOption('--new-key-file <file>', 'File with the new passphrase, readable only by you')
    .action(async (options) => (await import('../commands/rekey.ts')).rekey(options))
    .examples('HALLPASS_VAULT_KEY_FILE=~/old.key hallpass rekey --new-key-file ~/new.key')
}
