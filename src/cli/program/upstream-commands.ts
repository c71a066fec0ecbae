import { collect, outputOption } from '../flags/options.ts'
import type { CliCommand } from './cli-command.ts'

export function addUpstreamCommands(program: CliCommand): void {
  program.commandsGroup('APIs and MCP servers:')
  program
    .command('refresh <connection>')
    .description('Reload the tools of an MCP server or the OpenAPI document of an HTTP API')
    .option('--operation <id>', 'Offer only this operation as a tool; repeatable', collect)
    .option('--tag <tag>', 'Offer only operations with this tag as tools; repeatable', collect)
    .action(async (name: string, options) => (await import('../commands/refresh.ts')).refresh(name, options))
    .examples('hallpass refresh stays', 'hallpass refresh stays --operation listListings')
  program
    .command('tools <connection>')
    .description('List and review the tools of an MCP server')
    .addOption(outputOption())
    .option('--accept <tool>', 'Accept this tool in its current form; repeatable', collect)
    .option('--accept-all', 'Accept all tools in their current form')
    .option(
      '--set <tool=permission>',
      'Permission the tool needs: TOOL=read, write, schema or auto (as declared by the server); repeatable',
      collect,
    )
    .action(async (name: string, options) => (await import('../commands/tools.ts')).tools(name, options))
    .examples('hallpass tools tracker', 'hallpass tools tracker --accept search --set search=read')
  program
    .command('sign-in <connection>')
    .description('Sign in to an MCP server with the browser')
    .action(async (name: string) => (await import('../commands/sign-in.ts')).signIn(name))
    .examples('hallpass sign-in mail')
  const test = program
    .command('test')
    .usage('<kind> <target> [options]')
    .description('Test a connection, or any MCP server')
    .examples('hallpass test connection sales', 'hallpass test mcp http://127.0.0.1:7717/projects/demo/mcp')
  test
    .command('connection <connection>')
    .description('Test a connection now. Exits with 1 if the test fails')
    .addOption(outputOption())
    .action(async (name: string, options) =>
      (await import('../commands/test-connection.ts')).testConnection(name, options),
    )
    .examples('hallpass test connection sales')
  test
    .command('mcp <url>')
    .description(
      "Test any MCP server over HTTP. Exits with 0 if it passes, 1 if it can't be reached or denies access, 2 if it fails an expectation",
    )
    .option('--token <token>', 'Bearer token. Prefer the HALLPASS_TOKEN variable: other users can see arguments')
    .option('--tool <name>', 'Tool to call')
    .option('--args <json>', 'Arguments for the tool, as a JSON object')
    .option('--expect-tools <names>', 'Tools that must be listed, separated by commas')
    .option('--timeout <seconds>', 'Timeout for each step, in seconds', '30')
    .addOption(outputOption())
    .action(async (url: string, options) => (await import('../commands/test-mcp.ts')).testMcp(url, options))
    .examples(
      'HALLPASS_TOKEN=hp_pat_… hallpass test mcp http://127.0.0.1:7717/projects/demo/mcp --expect-tools get_records',
    )
}
