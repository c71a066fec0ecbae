import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { passed, required, REVISIONS, runSuite, type Outcome } from './run-suite.ts'

/**
 * What Hallpass does not do as a client, and why. Each would show here if it began to pass.
 * A hosted client metadata document (CIMD) needs a public URL, which a local app doesn't have. The suite prints a warning about it.
 */
const NOT_DONE = new Set(['auth/basic-cimd'])

// `npm run test:conformance`, not part of `npm test`: an engine a scenario, all at the same time.
describe.each(REVISIONS)('what %s requires of a client', { timeout: 900_000 }, (revision) => {
  let outcome: Outcome

  beforeAll(async () => {
    const command = `${process.execPath} ${join(import.meta.dirname, 'client-command.ts')}`
    outcome = await runSuite('client', revision, ['--command', command, '--timeout', '180000'])
    console.log(`${revision}: ${passed(outcome).length} of ${Object.keys(outcome).length} client scenarios pass`)
  }, 900_000)

  test('is met by Hallpass as the client of its upstream', async () => {
    const wanted = (await required('client', revision)).filter((scenario) => !NOT_DONE.has(scenario))
    const failing = wanted.filter((scenario) => !passed(outcome).includes(scenario))
    expect(Object.fromEntries(failing.map((scenario) => [scenario, outcome[scenario]]))).toEqual({})
  })

  test('has only the listed gaps, and each of them still exists', async () => {
    const lacking = (await required('client', revision)).filter((scenario) => NOT_DONE.has(scenario))
    expect(lacking.filter((scenario) => passed(outcome).includes(scenario))).toEqual([])
  })
})
