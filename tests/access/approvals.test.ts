import { describe, expect, it } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import { createApprovalDesk, type ApprovalQuestion } from '../../src/engine/access/approvals.ts'
import { createTestClock, TEST_START } from '../support/test-clock.ts'
import { refusal } from './support/access-room.ts'

const question: ApprovalQuestion = {
  project: 'shop',
  token: 'agent',
  client: 'claude/1.0',
  connection: 'sales',
  permissions: ['write'],
  resources: ['Orders'],
  reason: 'monthly clean-up',
  ttl_seconds: 300,
}
const never = new AbortController().signal

function openDesk(timeoutMs?: number) {
  let changes = 0
  const desk = createApprovalDesk({
    clock: createTestClock(),
    onChange: () => (changes += 1),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
  return { desk, changes: () => changes, firstId: async () => (await desk.list())[0]?.id ?? '' }
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'was answered',
    (thrown: unknown) => thrown,
  )

describe('approval desk', () => {
  it('rejects with APPROVAL_DENIED if the owner denies', async () => {
    const { desk, firstId } = openDesk()
    const asked = failure(desk.ask(question, never))
    await desk.decide(await firstId(), 'deny')
    expect(await asked).toMatchObject({ code: 'APPROVAL_DENIED' })
    expect(await desk.list()).toEqual([])
  })

  it('rejects with APPROVAL_TIMEOUT if the owner does not decide', async () => {
    const { desk, changes } = openDesk(20)
    expect(await failure(desk.ask(question, never))).toMatchObject({ code: 'APPROVAL_TIMEOUT' })
    expect([desk.waiting, changes()]).toEqual([0, 2])
  })

  it("ends a pending approval with its token, for the token's reason", async () => {
    const { desk, firstId } = openDesk()
    const ending = new AbortController()
    const asked = failure(desk.ask(question, ending.signal))
    const id = await firstId()
    ending.abort(new HallpassError('TOKEN_EXPIRED', 'The token ended.'))
    expect(await asked).toMatchObject({ code: 'TOKEN_EXPIRED' })
    expect(await desk.list()).toEqual([])
    expect(await refusal(() => desk.decide(id, 'once'))).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'id',
    })
  })

  it('requests no approval for a token that has already ended', async () => {
    const { desk, changes } = openDesk()
    const ended = AbortSignal.abort(new HallpassError('TOKEN_EXPIRED', 'The token ended.'))
    expect(await failure(desk.ask(question, ended))).toMatchObject({ code: 'TOKEN_EXPIRED' })
    expect([desk.waiting, changes()]).toEqual([0, 0])
  })

  it('accepts at most ten pending approvals of one token', async () => {
    const { desk } = openDesk()
    const asked = Array.from({ length: 10 }, async () => failure(desk.ask(question, never)))
    expect(await failure(desk.ask(question, never))).toMatchObject({ code: 'RATE_LIMITED' })
    const other = failure(desk.ask({ ...question, token: 'another' }, never))
    expect(desk.waiting).toBe(11)
    desk.close()
    for (const one of await Promise.all([...asked, other])) expect(one).toMatchObject({ code: 'APPROVAL_DENIED' })
    expect(await failure(desk.ask(question, never))).toMatchObject({ code: 'APPROVAL_DENIED' })
  })

  it('rejects a second decision on one request', async () => {
    const { desk, firstId } = openDesk()
    const asked = desk.ask(question, never)
    const id = await firstId()
    await desk.decide(id, 'once')
    expect((await refusal(() => desk.decide(id, 'deny'))).code).toBe('INVALID_REQUEST')
    expect(await asked).toBe('once')
  })

  it.each(['once', 'while', 'always'] as const)('tells the caller of %s', async (decision) => {
    const { desk, firstId } = openDesk()
    const asked = desk.ask(question, never)
    await desk.decide(await firstId(), decision)
    expect(await asked).toBe(decision)
  })

  it('shows who requests what and until when, oldest first', async () => {
    const { desk } = openDesk()
    void failure(desk.ask(question, never))
    void failure(desk.ask({ ...question, token: 'later', reason: null, resources: null }, never))
    const [first, second] = await desk.list()
    expect(first).toMatchObject({
      ...question,
      asked_at: new Date(TEST_START).toISOString(),
      expires_at: new Date(TEST_START + 120_000).toISOString(),
    })
    expect(second).toMatchObject({ token: 'later', reason: null, resources: null })
    desk.close()
  })

  it("shows an upstream's reason as one line of limited length", async () => {
    const { desk } = openDesk()
    void failure(desk.ask({ ...question, reason: `approve\u001b[2J\nme\u202e${'x'.repeat(5000)}` }, never))
    const reason = (await desk.list())[0]?.reason ?? ''
    expect(reason.length).toBeLessThan(520)
    expect(reason).toMatch(/^approve \[2J me\uFFFDx+…$/)
    desk.close()
  })
})
