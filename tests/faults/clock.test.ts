import { describe, expect, it } from 'vitest'
import { createAccess } from '../../src/engine/access/create-access.ts'
import { createRequestLog } from '../../src/engine/log/create-request-log.ts'
import type { Clock } from '../../src/engine/clock.ts'
import { openStore } from '../../src/engine/store/open-store.ts'
import { refusal } from '../access/support/access-room.ts'
import { all, opening } from '../log/support/open-log.ts'
import { dataFolders, seedProject } from '../store/support/data-folders.ts'

const { folder } = dataFolders()
const DAY = 86_400_000
const never = new AbortController().signal

/** A wall clock that jumps, and a monotonic clock that does not. */
function jumpingClock(): Clock & { jump(milliseconds: number): void } {
  let wall = Date.UTC(2026, 0, 15, 12)
  let monotonic = 0
  return {
    now: () => wall,
    monotonic: () => (monotonic += 1),
    after: () => () => undefined,
    jump(milliseconds) {
      wall += milliseconds
    },
  }
}

describe('a wall clock that jumps', () => {
  it.each([
    ['a month forward and back', [31 * DAY, -31 * DAY]],
    ['ten years forward and back', [3650 * DAY, -3650 * DAY]],
    ['back to 1971', [-55 * 365 * DAY]],
  ])('%s revives no token, loses no row and keeps the log verifiable', async (_what, jumps) => {
    const home = folder()
    const clock = jumpingClock()
    const store = openStore({ home, clock })
    const log = createRequestLog({ store, clock, strict: () => true, retention: { days: 36_500, rows: 1_000_000 } })
    const access = createAccess({ store, clock })
    seedProject(store)
    const { secret } = await access.createToken({
      project: 'sales',
      name: 'agent',
      kind: 'access',
      clone: true,
      ttl: '1d',
    })
    const bearer = secret ?? ''
    log.open(opening).close({ status: 200 })
    let hasExpired = false
    for (const jump of jumps) {
      clock.jump(jump)
      const expired = access.recognize(bearer) === null
      expect(expired || !hasExpired).toBe(true)
      hasExpired ||= expired
      log.open(opening).close({ status: 200 })
    }
    if (hasExpired) expect(refusal(() => access.identify(bearer)).code).toBe('TOKEN_EXPIRED')
    expect(await log.list({})).toHaveLength(1 + jumps.length)
    expect((await all(store.requests.verify(never))).at(-1)?.problem).toBeNull()
    for (const part of [access, log, store]) part.close()
  })
})
