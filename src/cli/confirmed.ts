import { createInterface } from 'node:readline/promises'
import { HallpassError } from '../contract/errors.ts'
import { EXIT } from './errors.ts'

/** Asks on the terminal. Throws APPROVAL_DENIED with `otherwise` for any answer but yes, also for Ctrl-C and Ctrl-D. */
export async function confirmed(question: string, otherwise: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await Promise.race([
      terminal.question(question),
      // Without an answer the question stays open for ever, and Node would exit without a word.
      new Promise<null>((resolve) => {
        terminal.once('SIGINT', () => {
          process.exitCode = EXIT.interrupted
          terminal.close()
        })
        terminal.once('close', () => resolve(null))
      }),
    ])
    if (answer === null) process.stderr.write('\n')
    if (answer?.trim().toLowerCase() !== 'yes') throw new HallpassError('APPROVAL_DENIED', otherwise)
  } finally {
    terminal.close()
  }
}
