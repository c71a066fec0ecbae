// Takes the lock of a data folder, prints that, and holds it until its input ends or it is killed.
import { acquireLock } from '../../../src/engine/store/lock.ts'

try {
  const lock = acquireLock(process.argv[2] as string)
  process.stdout.write('held\n')
  process.stdin.resume()
  process.stdin.on('end', () => lock.release())
} catch (thrown) {
  process.stdout.write(`refused: ${(thrown as Error).message}\n`)
}
