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
import { chipText } from '../../src/renderer/features/log/filter-labels.ts'
import { rowOf } from './support/log-stand-in.ts'

describe('the filter of the log', () => {
  test('drops empty parts, and trims a text', () => {
    expect(withPart({ token: 'a', text: 'b' }, 'token', '  ')).toEqual({ text: 'b' })
    expect(withPart({ text: 'b' }, 'token', ' claude ')).toEqual({ token: 'claude', text: 'b' })
    expect([isNarrowed({}), isNarrowed({ text: '' }), isNarrowed({ status: 'ok' })]).toEqual([false, false, true])
  })

  test('sends the engine only what is chosen', () => {
    expect(requestFilterOf({ token: '', status: '4XX', text: ' x ' }, 'demo', 0)).toEqual({
      project: 'demo',
      status: '4xx',
      text: 'x',
    })
    expect(requestFilterOf({}, undefined, 0)).toEqual({})
    expect(
      requestFilterSchema.safeParse(
        requestFilterOf(
          { token: 'a', connection: 'b', method: '~c', status: 'ok', text: 'd', slower: '5', time: '1h' },
          'demo',
          0,
        ),
      ).success,
    ).toBe(true)
  })

  test('LG5 treats a value with ~ as a part of the field, and times as durations, midnight or timestamps', () => {
    expect(requestFilterOf({ token: '~night', client: 'curl', time: '15m' }, undefined, 0)).toEqual({
      client: 'curl',
      contains: { token: 'night' },
      since: '15m',
    })
    expect(requestFilterOf({ time: 'today', actions: 'without', slower: 'x' }, undefined, 86_400_000)).toEqual({
      since: '1970-01-02T00:00:00.000Z',
      owner_actions: 'without',
    })
    const times = { since: '2026-01-01T00:00:00Z', until: 'never' }
    expect(requestFilterOf(times, undefined, 0)).toEqual({ since: times.since })
    expect(chipText('token', '~night')).toBe('Token contains night')
    expect(chipText('token', 'nightly')).toBe('Token is nightly')
  })

  test('the engine accepts every offered status', () => {
    for (const word of STATUS_LABELS) expect(() => statusRange(word)).not.toThrow()
  })

  test('similar tokens are those of the same parent for a session token, and none for a request without a token', () => {
    expect(sameToken(rowOf({ token: null, token_kind: null }))).toBe(null)
    expect(sameToken(rowOf({ token: 'sess-1', parent: 'claude' }))).toEqual({ token: 'claude' })
    expect(sameToken(rowOf({ token: 'claude' }))).toEqual({ token: 'claude' })
  })

  test('similar rows are the same call with the same result', () => {
    expect(likeThis(rowOf({ status: 403, cause: '12ab' }))).toEqual({ cause: '12ab' })
    expect(likeThis(rowOf({ status: 200 }))).toEqual({ method: 'get_records', connection: 'sales', status: 'ok' })
    expect(likeThis(rowOf({ status: 403, connection: null }))).toEqual({ method: 'get_records', status: '403' })
    expect(likeThis(rowOf({ status: null }))).toEqual({ method: 'get_records', connection: 'sales' })
  })
})
