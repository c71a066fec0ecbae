import { CommanderError } from 'commander'
import { HallpassError } from '../contract/errors.ts'
import { describeInvalidInput } from '../contract/input-messages.ts'
import type { Installation } from '../control/installation.ts'
import { EXIT, exitCodeOf } from './errors.ts'
import { errorText } from './flags/field-names.ts'
import { createProgram } from './program/create-program.ts'

/** Runs one command line, without the program's own name, and resolves with its exit code. `installation` is given inside the desktop app. */
export async function runCli(args: readonly string[], installation?: Installation): Promise<number> {
  // Once, however many command lines a process runs.
  process.stdout.off('error', onLostOutput).on('error', onLostOutput)
  process.stderr.off('error', onLostErrors).on('error', onLostErrors)
  describeInvalidInput()
  try {
    await createProgram(installation).parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (thrown) {
    printError(thrown)
    return process.exitCode === EXIT.interrupted ? EXIT.interrupted : exitCodeOf(thrown)
  }
}

function onLostOutput(error: NodeJS.ErrnoException): void {
  // A reader that has seen enough (`| head`) is the ordinary end of a listing.
  if (error.code === 'EPIPE') process.exit(EXIT.success)
  process.stderr.write(`hallpass: Couldn't write the output (${error.code ?? error.message}).\n`)
  process.exit(EXIT.failed)
}

/** Does nothing, because nobody is left to tell. */
function onLostErrors(): void {}

/** Prints one error to stderr. Commander has printed its own already. */
function printError(thrown: unknown): void {
  if (thrown instanceof CommanderError) return
  const text =
    thrown instanceof HallpassError ? errorText(thrown) : thrown instanceof Error ? thrown.message : String(thrown)
  process.stderr.write(`${text.replaceAll(/^/gm, 'hallpass: ')}\n`)
}
