import { describeInvalidInput } from '../../src/contract/input-messages.ts'
import { describe, expect, test } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import { sessionRequestSchema } from '../../src/contract/session-request.ts'
import { parseDocumentCall, parseFields } from '../../src/engine/documents/parse-document-call.ts'

function refusal(method: string, fields: unknown): string {
  try {
    parseDocumentCall(method, fields)
  } catch (error) {
    expect(error).toBeInstanceOf(HallpassError)
    expect((error as HallpassError).code).toBe('INVALID_REQUEST')
    return (error as HallpassError).message
  }
  throw new Error('was accepted')
}

// As the engine does when it starts.
describeInvalidInput()

describe('parseDocumentCall', () => {
  test.each([
    ['describe_table', {}, 'Missing field "table".'],
    ['get_records', { table: 'T', limit: 'x' }, 'Field "limit" must be a whole number of at least 1, not "x".'],
    ['get_records', { table: 'T', limit: 0 }, 'Field "limit" must be a whole number of at least 1, not 0.'],
    ['get_records', { table: 'T', limit: 1.5 }, 'Field "limit" must be a whole number of at least 1, not 1.5.'],
    ['get_records', { table: '' }, 'Field "table" must be a non-empty string, not "".'],
    ['get_records', { table: 5 }, 'Field "table" must be a non-empty string, not 5.'],
    ['get_records', { table: null }, 'Field "table" must be a non-empty string, not null.'],
    ['get_records', { table: 'T', filter: [] }, 'Field "filter" must be an object, not an empty list.'],
    ['get_records', { table: 'x'.repeat(300) }, 'Field "table" can have at most 256 characters, not 300.'],
    [
      'get_records',
      { tabel: 'T' },
      'Unknown field "tabel". get_records takes "table", "filter", "sort", "limit", "offset", "dates".',
    ],
    ['list_tables', { a: 1 }, 'Unknown field "a". list_tables takes no fields.'],
    ['list_tables', [], 'The fields must be a JSON object.'],
    ['add_records', { table: 'T', records: {} }, 'Field "records" must be a list, not an object.'],
    ['add_records', { table: 'T', records: [{}, 3] }, 'Field "records[1]" must be an object, not 3.'],
    [
      'update_records',
      {
        table: 'T',
        records: [
          { id: 1, fields: {} },
          { id: 'a', fields: {} },
        ],
      },
      'Field "records[1].id" must be a whole number of at least 1 or a whole number as a string, not "a".',
    ],
    [
      'update_records',
      { table: 'T', records: [{ id: 1, values: {} }] },
      'Unknown field "records[0].values". "records[0]" takes "id", "fields", "where".',
    ],
    ['update_records', { table: 'T', records: [{ id: 1 }] }, 'Missing field "records[0].fields".'],
    [
      'sql_query',
      { query: 'SELECT 1', params: [{}] },
      'Field "params[0]" must be a string, a number, true or false or null, not an object.',
    ],
    ['create_table', { table_id: 'T', columns: [] }, 'Field "columns" must be a non-empty list, not an empty list.'],
    ['sql_query', { query: 'q', params: `hp_pat_${'x'.repeat(10)}` }, 'Field "params" must be a list, not a token.'],
  ])('rejects %s %j with a sentence that names the field', (method, fields, sentence) => {
    expect(refusal(method, fields)).toBe(sentence)
  })

  test('rejects an unknown method with the list of methods', () => {
    expect(refusal('drop_everything', {})).toMatch(
      /^Unknown method "drop_everything"\. Use list_tables, describe_table, /,
    )
    expect(refusal('constructor', {})).toMatch(/^Unknown method/)
  })

  test('rejects a malformed name with a description of the right form', () => {
    expect(() =>
      parseFields(sessionRequestSchema, { document: 'No Such', permissions: ['read'] }, 'request_session_token'),
    ).toThrow(
      'Field "document" must start with a lowercase letter or digit and contain only a–z, 0–9 and hyphens (63 characters at most).',
    )
  })

  test('returns valid fields unchanged', () => {
    expect(parseDocumentCall('get_records', { table: 'T', filter: { a: [1] }, limit: 3 })).toEqual({
      table: 'T',
      filter: { a: [1] },
      limit: 3,
    })
  })
})
