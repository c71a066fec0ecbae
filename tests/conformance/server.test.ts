import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFixture, type Fixture } from './fixture/start-fixture.ts'
import { passed, required, REVISIONS, runSuite, type Outcome } from './run-suite.ts'
import { startThroughHallpass, type ThroughHallpass } from './through-hallpass.ts'

/** Asked only of answers that come as event streams; Hallpass answers JSON where nothing is said before the result, as the protocol leaves open. */
const FRAMING = /^server-sse-(?:streams-functional|priming-event|retry-field): /

function withoutFraming(outcome: Outcome): Outcome {
  return Object.fromEntries(
    Object.entries(outcome).map(([scenario, checks]) => [scenario, checks.filter((check) => !FRAMING.test(check))]),
  )
}

describe.each(REVISIONS)('what %s requires of a server', { timeout: 300_000 }, (revision) => {
  let fixture: Fixture
  let hallpass: ThroughHallpass
  let direct: Outcome
  let through: Outcome

  beforeAll(async () => {
    fixture = await startFixture()
    hallpass = await startThroughHallpass(fixture.url)
    direct = await runSuite('server', revision, ['--url', fixture.url])
    through = await runSuite('server', revision, ['--url', hallpass.url])
    console.log(
      `${revision}: ${passed(direct).length} of ${Object.keys(direct).length} scenarios pass directly, ${passed(through).length} through Hallpass`,
    )
  }, 300_000)
  afterAll(async () => {
    await hallpass?.close()
    await fixture?.close()
  })

  test('is met by the fixture itself', async () => {
    expect(passed(direct)).toEqual(expect.arrayContaining(await required('server', revision)))
  })

  test('is met through Hallpass', async () => {
    expect(passed(through)).toEqual(expect.arrayContaining(await required('server', revision)))
  })

  test('passes and fails through Hallpass exactly as it does directly, check by check', () => {
    expect(withoutFraming(through)).toEqual(withoutFraming(direct))
  })
})
