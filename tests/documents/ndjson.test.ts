import { describe, expect, test } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import { parseBulkLine, readLines } from '../../src/engine/documents/ndjson.ts'

async function* chunks(...parts: (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part
}

async function lines(
  body: AsyncIterable<Uint8Array>,
  options?: { maxLineBytes?: number },
): Promise<[number, string][]> {
  const all: [number, string][] = []
  for await (const some of readLines(body, options)) for (const { line, text } of some) all.push([line, text.trimEnd()])
  return all
}

async function failure(
  body: AsyncIterable<Uint8Array>,
  options?: { maxLineBytes?: number },
): Promise<{ seen: number[]; error: unknown }> {
  const seen: number[] = []
  try {
    for await (const some of readLines(body, options)) seen.push(...some.map(({ line }) => line))
  } catch (error) {
    return { seen, error }
  }
  return { seen, error: null }
}

describe('a line with NaN', () => {
  test.each(['{"a":NaN}', '[1, -Infinity]'])('%s is rejected with how to write it', (text) => {
    expect(() => parseBulkLine('add_records', text, 3)).toThrow(/^Line 3: NaN and Infinity aren't JSON values/)
    expect(() => parseBulkLine('add_records', '{"a":"x: NaN, "', 3)).toThrow()
  })
})

describe('NDJSON', () => {
  test('rejects invalid UTF-8 with its line, after the lines before it', async () => {
    const { seen, error } = await failure(chunks('1\n2\n', Buffer.from([0x33, 0x0a, 0xff, 0x0a])))
    expect(seen).toEqual([1, 2, 3])
    expect(error).toBeInstanceOf(HallpassError)
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', message: 'Line 4: not valid UTF-8.' })
  })

  test('rejects an overlong line with its number, complete or not', async () => {
    const long = 'x'.repeat(11)
    expect(await failure(chunks(`1\n${long}\n3\n`), { maxLineBytes: 10 })).toMatchObject({
      seen: [1],
      error: { message: 'Line 2: longer than 10 bytes.' },
    })
    expect(await failure(chunks('1\n', 'xxxxxx', 'xxxxxxx', 'xxx'), { maxLineBytes: 10 })).toMatchObject({
      seen: [1],
      error: { code: 'INVALID_REQUEST' },
    })
    expect(await failure(chunks('1\n', long), { maxLineBytes: 10 })).toMatchObject({
      seen: [1],
      error: { message: 'Line 2: longer than 10 bytes.' },
    })
  })

  test('accepts a chunk longer than the longest line if each of its lines is short', async () => {
    expect(await lines(chunks('12345678\n12345678\n12'), { maxLineBytes: 8 })).toEqual([
      [1, '12345678'],
      [2, '12345678'],
      [3, '12'],
    ])
  })

  test('joins lines wherever the chunks are cut', async () => {
    const bytes = Buffer.from('{"a":"é"}\r\n\n{"b":"漢"}\n{"c":3}')
    const expected = [
      [1, '{"a":"é"}'],
      [3, '{"b":"漢"}'],
      [4, '{"c":3}'],
    ]
    for (let size = 1; size <= bytes.length; size += 1) {
      const parts: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size))
      expect(await lines(chunks(...parts))).toEqual(expected)
    }
  })

  test('is read from a source that uses one buffer for all chunks', async () => {
    async function* reused(): AsyncIterable<Uint8Array> {
      const buffer = Buffer.alloc(5)
      for (const part of ['1\n2', '34\n5', '6']) {
        buffer.fill(0x20).write(part)
        yield buffer.subarray(0, part.length)
      }
    }
    expect(await lines(reused())).toEqual([
      [1, '1'],
      [2, '234'],
      [3, '56'],
    ])
  })

  test('skips a byte order mark before the first line', async () => {
    expect(await lines(chunks('\uFEFF1\n2\n'))).toEqual([
      [1, '1'],
      [2, '2'],
    ])
  })

  test('finds no lines in an empty body', async () => {
    expect(await lines(chunks())).toEqual([])
    expect(await lines(chunks('\n\r\n'))).toEqual([])
  })
})

describe('parsing a line', () => {
  test.each(['9007199254740992', '-9007199254740993', '[1,{"b":18446744073709551616}]'])(
    'rejects %s, which a number would round',
    (value) => {
      expect(() => parseBulkLine('add_records', `{"a":${value}}`, 7)).toThrow(
        'Line 7: a whole number beyond 2^53 must be a string.',
      )
    },
  )

  test.each(['9'.repeat(309), `-${'9'.repeat(400)}`, `[{"b":${'1'.repeat(617)}}]`])(
    'rejects a whole number that would become infinity (%#)',
    (value) => {
      expect(() => parseBulkLine('add_records', `{"a":${value}}`, 7)).toThrow(
        'Line 7: a whole number beyond 2^53 must be a string.',
      )
    },
  )

  test.each(['1e400', '-1e400', '[1e309]'])('rejects %s, which no column can hold', (value) => {
    expect(() => parseBulkLine('add_records', `{"a":${value}}`, 7)).toThrow('Line 7: a number is too large.')
  })

  test.each([
    '9007199254740991',
    '1e300',
    '-1e22',
    '0.30000000000000004',
    '12345678901234567.5',
    '"1234567890123456789"',
  ])('accepts %s', (value) => {
    expect(parseBulkLine('add_records', `{"a":${value}}`, 7)).toEqual({ a: JSON.parse(value) })
  })

  test.each([
    ['add_records', '[1]', 'Line 7: must be an object {column: value}.'],
    ['add_records', '{"a":', 'Line 7: not valid JSON.'],
    ['add_records', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'Line 7: nested more than 64 levels deep.'],
    ['update_records', '{"id":1,"fields":[]}', 'Line 7: fields must be an object {column: value}.'],
    ['update_records', '{"id":0,"fields":{}}', 'Line 7: id must be a whole number of at least 1.'],
    ['update_records', '{"id":1,"fields":{},"x":1}', 'Line 7: unknown field "x". Each line must be {"id", "fields"}.'],
    ['delete_records', '"1"', 'Line 7: id must be a whole number of at least 1.'],
    ['delete_records', '{"id":1.5}', 'Line 7: id must be a whole number of at least 1.'],
  ] as const)('by %s rejects %.20s', (method, text, message) => {
    expect(() => parseBulkLine(method, text, 7)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', message, details: { failed_line: 7 } }),
    )
  })

  test('returns the shape of its method', () => {
    expect(parseBulkLine('add_records', '{"Name":"Ann"}', 1)).toEqual({ Name: 'Ann' })
    expect(parseBulkLine('update_records', '{"id":3,"fields":{"Name":"Ann"}}', 1)).toEqual({
      id: 3,
      fields: { Name: 'Ann' },
    })
    expect(parseBulkLine('delete_records', '3', 1)).toBe(3)
    expect(parseBulkLine('delete_records', '{"id":3}', 1)).toBe(3)
  })
})
