import { describe, expect, test } from 'vitest'
import { requestFilterSchema } from '../../src/contract/owner-api/requests-api.ts'
import { statusRange } from '../../src/engine/store/requests/request-conditions.ts'
import {
  isNarrowed,
  likeThis,
  requestFilterOf,
  sameToken,
  STATUS_LABELS,
  withPart,
} from '../../src/renderer/features/log/log-filter.ts'
import { rowOf } from './support/log-stand-in.ts'

describe('what the log is narrowed to', () => {
  test('an emptied part is gone, blanks around a text too', () => {
    expect(withPart({ token: 'a', text: 'b' }, 'token', '  ')).toEqual({ text: 'b' })
    expect(withPart({ text: 'b' }, 'token', ' claude ')).toEqual({ token: 'claude', text: 'b' })
    expect([isNarrowed({}), isNarrowed({ text: '' }), isNarrowed({ status: 'ok' })]).toEqual([false, false, true])
  })

  test('what is asked of the engine says only what is chosen', () => {
    expect(requestFilterOf({ token: '', status: '4XX', text: ' x ' }, 'demo')).toEqual({
      project: 'demo',
      status: '4xx',
      text: 'x',
    })
    expect(requestFilterOf({}, undefined)).toEqual({})
    expect(
      requestFilterSchema.safeParse(
        requestFilterOf({ token: 'a', connection: 'b', method: 'c', status: 'ok', text: 'd' }, 'demo'),
      ).success,
    ).toBe(true)
  })

  test('the engine accepts every offered status', () => {
    for (const word of STATUS_LABELS) expect(() => statusRange(word)).not.toThrow()
  })

  test('tokens like this: of a session token those of its parent; of a request without a token nothing', () => {
    expect(sameToken(rowOf({ token: null, token_kind: null }))).toBe(null)
    expect(sameToken(rowOf({ token: 'sess-1', parent: 'claude' }))).toEqual({ token: 'claude' })
    expect(sameToken(rowOf({ token: 'claude' }))).toEqual({ token: 'claude' })
  })

  test('rows like this: the same call with the same end', () => {
    expect(likeThis(rowOf({ status: 200 }))).toEqual({ method: 'get_records', connection: 'sales', status: 'ok' })
    expect(likeThis(rowOf({ status: 403, connection: null }))).toEqual({ method: 'get_records', status: '403' })
    expect(likeThis(rowOf({ status: null }))).toEqual({ method: 'get_records', connection: 'sales' })
  })
})
