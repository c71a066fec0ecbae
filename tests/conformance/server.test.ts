import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFixture, type Fixture } from './fixture/start-fixture.ts'
import { passed, required, REVISIONS, runSuite, type Outcome } from './run-suite.ts'

describe.each(REVISIONS)('what %s requires of a server', { timeout: 300_000 }, (revision) => {
  let fixture: Fixture
  let direct: Outcome

  beforeAll(async () => {
    fixture = await startFixture()
    direct = await runSuite('server', revision, ['--url', fixture.url])
  }, 300_000)
  afterAll(() => fixture.close())

  test('is met by the fixture itself', async () => {
    expect(passed(direct)).toEqual(expect.arrayContaining(await required('server', revision)))
  })
})
