import { expect, test } from 'vitest'
import { isTooDeep, objectOf, parseJsonObject } from '../../src/engine/text/json.ts'
import { maskTokens } from '../../src/engine/text/token-format.ts'
import { untilAborted } from '../../src/engine/text/until-aborted.ts'
import { oneLine, printable } from '../../src/engine/text/visible-text.ts'

test('parses objects only', () => {
  for (const text of ['[1]', 'null', '"a"', '{', '']) expect(parseJsonObject(text)).toBeNull()
  expect(parseJsonObject('{"a":1}')).toEqual({ a: 1 })
  expect(objectOf([])).toBeNull()
})

test('stops counting depth at the limit instead of exhausting the stack', () => {
  let deep: unknown = 1
  for (let level = 0; level < 200_000; level += 1) deep = [deep]
  expect(isTooDeep(deep)).toBe(true)
  expect(isTooDeep([[[1]]], 3)).toBe(false)
  expect(isTooDeep([[[1]]], 2)).toBe(true)
})

test('masks whole and cut tokens, and leaves names alone', () => {
  expect(maskTokens(`a hp_pat_${'x'.repeat(49)}.`)).toBe('a [token].')
  expect(maskTokens(`sess_${'y'.repeat(43)}/hp_pat_${'x'.repeat(8)}`)).toBe('[token]/[token]')
  expect(maskTokens('sess_id and hp_pat_ stay')).toBe('sess_id and hp_pat_ stay')
})

test('prints a text on one line', () => {
  expect(oneLine('  a\r\n\tb\u2028c\u202Ed  ')).toBe('a b c\uFFFDd')
  expect(oneLine('x'.repeat(50), 10)).toBe(`${'x'.repeat(10)}…`)
  expect(printable('a\u001b[2J\uD800')).toBe('a\uFFFD[2J\uFFFD')
})

test('rejects with the reason of the signal, and lets the work continue', async () => {
  const stop = new AbortController()
  const work = Promise.withResolvers<number>()
  const waited = untilAborted(work.promise, stop.signal)
  stop.abort(new Error('left'))
  await expect(waited).rejects.toThrow('left')
  await expect(untilAborted(Promise.reject(new Error('later')), stop.signal)).rejects.toThrow('left')
  work.resolve(1)
  await expect(untilAborted(work.promise, new AbortController().signal)).resolves.toBe(1)
})
