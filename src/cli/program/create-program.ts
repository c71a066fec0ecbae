import type { Installation } from '../../control/installation.ts'
import { version } from '../../engine/version.ts'
import { addClientCommands } from './client-commands.ts'
import { CliCommand } from './cli-command.ts'
import { addConfigurationCommands } from './configuration-commands.ts'
import { addCreateCommands } from './create-commands.ts'
import { addEngineCommands } from './engine-commands.ts'
import { addListCommands } from './list-commands.ts'
import { addLogCommands } from './log-commands.ts'
import { addSessionCommands } from './session-commands.ts'
import { addUpstreamCommands } from './upstream-commands.ts'

const ROOT_HELP = `
Environment variables:
  HALLPASS_HOME       Data folder
  HALLPASS_PORT       Port (default: 7717)
  HALLPASS_HOST       Listen address (default: 127.0.0.1)
  HALLPASS_VAULT_KEY  Keep secrets in an encrypted vault file instead of the keychain
  HALLPASS_LOG_LEVEL  Level of the diagnostic log (default: info)

Exit codes: 0 success, 1 failed or denied, 2 invalid input, 130 interrupted

Examples:
  hallpass serve
  hallpass create token my-agent -p demo --bind role:editor,connection:sales
  hallpass connect claude-desktop -p demo --dry-run
  hallpass run -p demo --document sales --permissions read -- python3 examples/export.py Orders

Run hallpass COMMAND --help for the options of a command.`

/**
 * Returns the command line. The code of each command is loaded when the command is used, so that short ones start fast.
 * `installation` is given inside the desktop app.
 */
export function createProgram(installation?: Installation): CliCommand {
  const program = new CliCommand('hallpass')
  program
    .description('Give AI agents and scripts limited, short-lived tokens instead of your keys.')
    .usage('[options] [command]')
    .version(version, '-V, --version', 'Show the version')
    .helpOption('-h, --help', 'Show help')
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText('after', ROOT_HELP)
    .action(() => program.outputHelp())
  addEngineCommands(program, installation)
  addCreateCommands(program)
  addListCommands(program)
  addUpstreamCommands(program)
  addClientCommands(program, installation)
  addSessionCommands(program)
  addLogCommands(program)
  addConfigurationCommands(program)
  return program
}
