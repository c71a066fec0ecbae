import type { LogReport } from '../../contract/records.ts'
import { asOwnerError } from '../../control/control-client.ts'
import { EXIT } from '../errors.ts'
import { withEngine } from '../with-engine.ts'

/** Checks the seals of the request log. Exits with 2 if a row was changed, added or removed. */
export async function logsVerify(): Promise<void> {
  await withEngine(async ({ api }) => {
    let last: LogReport | null = null
    try {
      for await (const report of await api.requests.verify()) last = report
    } catch (thrown) {
      throw asOwnerError(thrown)
    }
    if (last === null) return
    const { rows, removed, unsealed, problem } = last
    if (problem !== null) {
      const where = problem.first_id === null ? '' : ` Look at request ${problem.first_id} and those after it.`
      process.stderr.write(`The request log was changed outside Hallpass. ${problem.message}${where}\n`)
      process.exitCode = EXIT.invalid
      return
    }
    process.stdout.write(`Verified ${counted(rows)}\n`)
    if (removed > 0) process.stderr.write(`Retention deleted ${counted(removed)} before them.\n`)
    if (unsealed > 0) process.stderr.write(`${counted(unsealed)} from before the log was sealed can't be verified.\n`)
  })
}

function counted(requests: number): string {
  return `${requests.toLocaleString('en')} ${requests === 1 ? 'request' : 'requests'}`
}
