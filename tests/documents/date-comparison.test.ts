import { describe, expect, test } from 'vitest'
import { datedNames } from '../../src/engine/documents/date-comparison.ts'
import { foreignFile, openDocument } from './sqlite/documents.ts'

describe('the names that a query compares with an ISO date', () => {
  test.each([
    ["SELECT * FROM t WHERE name = 'Ann'", [], []],
    ["SELECT '2025-07-02' AS day FROM t", [], []],
    ["SELECT * FROM t WHERE unixepoch('2025-07-02') <= day", [], []],
    ["SELECT * FROM t WHERE -- day = '2025-07-02'\n a = 1", [], []],
    ['SELECT * FROM t WHERE day = ?', [1], []],
    ["SELECT * FROM t WHERE day = '2025-07-02'", [], ['day']],
    ['SELECT * FROM t WHERE \'2025-07-02T10:00\' < t."Day"', [], ['t']],
    ["SELECT * FROM t WHERE t.day >= '2025-07-02' AND a = 1", [], ['day']],
    ["SELECT * FROM t WHERE label = '2025-07-02' AND day > 5", [], ['label']],
    ["SELECT * FROM t WHERE date(day, 'unixepoch') = '2025-07-02' AND day IS NOT NULL", [], []],
    ["SELECT day, '2025-07-02' AS today FROM t", [], []],
    ["SELECT * FROM t WHERE day BETWEEN '2025-01-01' AND '2025-12-31'", [], ['day']],
    ["SELECT * FROM t WHERE day NOT IN ('2025-01-01', '2025-01-02')", [], ['day']],
    ['SELECT * FROM t WHERE a = ? AND day > ?', [1, '2025-01-01'], ['day']],
  ] as [string, unknown[], string[]][])('%s with %j are %j', (query, params, names) => {
    expect([...datedNames(query, params)]).toEqual(names)
  })
})

test('a query of a SQLite file that finds nothing because of a date says so', async () => {
  const { call } = openDocument({
    path: foreignFile(`CREATE TABLE o (id INTEGER PRIMARY KEY, Day NUMERIC "Date", Told DATE); INSERT INTO o (Day, Told) VALUES (1751414400, '2025-07-02');
      CREATE VIEW broken AS SELECT * FROM gone`),
  })
  const problem = { code: 'INVALID_REQUEST', field: 'query', reason: 'date_as_text' }
  await expect(call('sql_query', { query: "SELECT * FROM o WHERE Day >= '2025-07-01'" })).rejects.toMatchObject(problem)
  await expect(
    call('sql_query', { query: 'SELECT * FROM o WHERE Day = ?', params: ['2025-07-02'] }),
  ).rejects.toMatchObject(problem)
  expect(await call('sql_query', { query: "SELECT id FROM o WHERE Day >= unixepoch('2025-07-01')" })).toEqual([
    { id: 1 },
  ])
  // A file of another program may store texts as dates.
  expect(await call('sql_query', { query: "SELECT id FROM o WHERE Told = '2025-07-02'" })).toEqual([{ id: 1 }])
  expect(await call('sql_query', { query: "SELECT id FROM o WHERE Told = '2025-07-03'" })).toEqual([])
})
