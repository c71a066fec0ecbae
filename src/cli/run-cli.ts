import type { Installation } from '../control/installation.ts'
import { exitCodeOf, printError } from './errors.ts'
import { createProgram } from './program.ts'

/** Runs one command line, without the program's own name; resolves with its exit code. `installation`: inside the desktop app. */
export async function runCli(args: readonly string[], installation?: Installation): Promise<number> {
  // A reader that has seen enough (`| head`) is the ordinary end of a listing.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  try {
    await createProgram(installation).parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (thrown) {
    printError(thrown)
    return exitCodeOf(thrown)
  }
}
