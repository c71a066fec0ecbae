import { printStructured, type Format } from '../output/output.ts'
import { withEngine } from '../with-engine.ts'

/** Prints only the link on stdout, so that it can be passed to a program that opens it. */
export async function consoleLink({ output, signOut }: { output: Format; signOut?: boolean }): Promise<void> {
  if (signOut === true) return signOutAll(output)
  const link = await withEngine(({ api }) => api.console.signInLink())
  if (output !== 'table') return printStructured(link, output)
  process.stdout.write(`${link.url}\n`)
  process.stderr.write('Open this link in a browser on this computer. It works once, within 60 seconds.\n')
}

async function signOutAll(output: Format): Promise<void> {
  const ended = await withEngine(({ api }) => api.console.signOutAll())
  if (output !== 'table') return printStructured(ended, output)
  process.stdout.write(ended.browsers === 1 ? 'Signed out 1 browser.\n' : `Signed out ${ended.browsers} browsers.\n`)
}
