import { exitCodeOf, sayError } from './errors.ts'
import { createProgram } from './program.ts'

// A reader that has seen enough (`| head`) is the ordinary end of a listing.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  await createProgram().parseAsync(process.argv)
} catch (thrown) {
  sayError(thrown)
  process.exitCode = exitCodeOf(thrown)
}
