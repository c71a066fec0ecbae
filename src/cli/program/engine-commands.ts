import { Option } from 'commander'
import type { Installation } from '../../control/installation.ts'
import { collect, outputOption } from '../flags/options.ts'
import { choiceOption, type CliCommand } from './cli-command.ts'

export function addEngineCommands(program: CliCommand, installation: Installation | undefined): void {
  program.commandsGroup('Engine:')
  program
    .command('serve')
    .description('Run the engine in the foreground')
    .option('--port <port>', 'Port, or 0 for any free one (default: HALLPASS_PORT or the setting)')
    .option('--host <address>', 'Listen address (default: HALLPASS_HOST or the setting)')
    .addOption(
      choiceOption(
        '--log-mode <mode>',
        'When requests are written to disk: batched (within 100 ms) or strict (before each upstream call). Saved as a setting',
        ['batched', 'strict'],
      ),
    )
    .option(
      '--allow-origin <origin>',
      'Web origin that can call the API from a browser, repeatable; "none" clears the list. Saved as a setting',
      collect,
    )
    .option(
      '--allow-network',
      'Allow a listen address that other computers can reach. Also needs TLS or a trusted proxy',
    )
    .option('--tls-cert <file>', 'Serve HTTPS with this certificate chain (PEM)')
    .option('--tls-key <file>', 'Private key of the certificate (PEM), readable only by you')
    .option(
      '--trusted-proxy <address>',
      'Reverse proxy whose X-Forwarded-For and X-Forwarded-Proto count: address or network, repeatable',
      collect,
    )
    .option('--public-url <url>', 'URL at which others reach Hallpass, for example https://hallpass.example.com')
    .option('--metrics', 'Serve GET /metrics in the Prometheus text format, without a token and without names')
    .addOption(
      choiceOption(
        '--log-format <format>',
        'Output on stdout: text, or json with one line per request (default: text)',
        ['text', 'json'],
      ),
    )
    .addOption(new Option('--detached').hideHelp())
    .action(async (options) => (await import('../commands/serve.ts')).serve(options, installation))
    .examples(
      'hallpass serve',
      'hallpass serve --port 8080',
      'hallpass serve --log-mode strict',
      'hallpass serve --allow-origin https://app.example.com',
      'hallpass serve --metrics --log-format json',
    )
  program
    .command('status')
    .description("Show the engine's status")
    .addOption(outputOption())
    .action(async (options) => (await import('../commands/status.ts')).status(options))
    .examples('hallpass status', 'hallpass status -o json')
  program
    .command('stop')
    .description('Stop the engine')
    .action(async () => (await import('../commands/stop.ts')).stop())
    .examples('hallpass stop')
  program
    .command('console')
    .description('Print a one-time sign-in link for the web console')
    .option('--sign-out', 'Sign out every browser instead')
    .addOption(outputOption())
    .action(async (options) => (await import('../commands/console.ts')).consoleLink(options))
    .examples('hallpass console', 'hallpass console --sign-out')
  program
    .command('pause')
    .description('Pause all access')
    .action(async () => (await import('../commands/pause.ts')).pause())
    .examples('hallpass pause')
  program
    .command('resume')
    .description('Resume access')
    .action(async () => (await import('../commands/resume.ts')).resume())
    .examples('hallpass resume')
  program
    .command('version')
    .description('Show the version')
    .action(async () => (await import('../commands/version.ts')).printVersion())
    .examples('hallpass version')
  program
    .command('completions <shell>')
    .description('Print a completion script for bash, zsh or fish')
    .action(async (shell: string) => (await import('../commands/completions.ts')).completions(shell))
    .examples('source <(hallpass completions bash)', 'hallpass completions fish | source   # hallpass in fish')
  program
    .command('__complete [words...]', { hidden: true })
    .description('Print completion candidates (for completion scripts)')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (words: string[]) => (await import('../commands/complete.ts')).complete(words, program))
    .examples('hallpass __complete get ""')
  program
    .command('help [topic...]')
    .description('Show help for a command, or for environment variables (help environment)')
    .action(async (topic: string[]) => (await import('../commands/help.ts')).help(topic, program))
    .examples('hallpass help create token', 'hallpass help environment')
}
