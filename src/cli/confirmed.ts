import { createInterface } from 'node:readline/promises'
import { HallpassError } from '../contract/errors.ts'

/** Asks on the terminal. Throws APPROVAL_DENIED with `otherwise` for any answer but yes. */
export async function confirmed(question: string, otherwise: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(question)
    if (answer.trim().toLowerCase() !== 'yes') throw new HallpassError('APPROVAL_DENIED', otherwise)
  } finally {
    terminal.close()
  }
}
