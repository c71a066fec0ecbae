import { dirname } from 'node:path'
import { array, assert as check, asyncProperty, constantFrom, oneof, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { queryProblem } from '../../../src/engine/documents/sqlite/worker/sql-guard.ts'
import { folderHash, foreignFile, openDocument } from './documents.ts'
import { repeats } from '../../support/repeats.ts'

const SCHEMA = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
  CREATE VIRTUAL TABLE words USING fts5(body);
  CREATE VIEW v AS SELECT a FROM t;
  INSERT INTO t (a) VALUES ('x'), ('y');
  INSERT INTO words VALUES ('hello')`

const WAYS_OUT = [
  "ATTACH 'other.db' AS o",
  "/* SELECT */ ATTACH 'other.db' AS o",
  'DETACH main',
  "VACUUM INTO 'copy.db'",
  'VACUUM',
  'PRAGMA user_version = 5',
  'PRAGMA query_only = OFF',
  'PRAGMA database_list',
  'PRAGMA journal_mode = WAL',
  'PRAGMA writable_schema = ON',
  'EXPLAIN PRAGMA user_version',
  'EXPLAIN DELETE FROM t',
  'EXPLAIN EXPLAIN SELECT 1',
  "INSERT INTO t (a) VALUES ('z')",
  "INSERT INTO t (a) VALUES ('z') RETURNING *",
  'UPDATE t SET a = 1 RETURNING a',
  'DELETE FROM t RETURNING a',
  "REPLACE INTO t VALUES (1, 'z')",
  'WITH x AS (SELECT 1) DELETE FROM t',
  'WITH x AS (SELECT 1) INSERT INTO t (a) SELECT 1 FROM x RETURNING a',
  'WITH RECURSIVE x(a) AS (VALUES (1)) UPDATE t SET a = 2',
  'CREATE TABLE u (a)',
  'CREATE TEMP TABLE u (a)',
  'DROP TABLE t',
  'ALTER TABLE t ADD COLUMN z',
  'REINDEX',
  'ANALYZE',
  'BEGIN IMMEDIATE',
  'COMMIT',
  'ROLLBACK',
  'SAVEPOINT s',
  'RELEASE s',
  'SELECT 1; DELETE FROM t',
  'SELECT 1;; SELECT 2',
  "SELECT 1 /* ; */ ; ATTACH 'x' AS y",
  '',
  ';',
  '-- SELECT 1',
  "SELECT 'unfinished",
  'SELECT "unfinished',
  'SELECT [unfinished',
  'SELECT 1\0; DELETE FROM t',
  "SELECT load_extension('x.so')",
  'SELECT "load_extension"(\'x.so\')',
  "SELECT LOAD_EXTENSION/**/('x')",
  "SELECT fts3_tokenizer('simple', x'00')",
  'SELECT * FROM pragma_database_list',
  'SELECT * FROM "pragma_database_list"',
  'SELECT * FROM [PRAGMA_DATABASE_LIST]',
  "SELECT * FROM 'pragma_database_list'",
  'SELECT * FROM `pragma_user_version`',
  'SELECT * FROM pragma_query_only(0)',
  "SELECT * FROM pragma_temp_store_directory('/x')",
  'SELECT * FROM sqlite_dbpage',
  "SELECT writefile('x', 'y')",
  "SELECT readfile('/etc/passwd')",
  'not sql at all',
  '(SELECT 1)',
]

const GOOD = [
  'SELECT 1 AS a',
  ' select 1;',
  'SELECT 1 -- ;',
  "SELECT 'a;b' AS a",
  'WITH x AS (SELECT 1 AS a) SELECT * FROM x',
  'VALUES (1), (2)',
  'EXPLAIN SELECT 1',
  'EXPLAIN QUERY PLAN SELECT * FROM t',
  'SELECT * FROM sqlite_master',
  "SELECT * FROM pragma_table_info('t')",
  "SELECT replace('aa', 'a', 'b') AS r",
  "SELECT 'drop table t; pragma' AS a",
  'SELECT a AS "update" FROM t',
  "SELECT * FROM words WHERE words MATCH 'hello'",
  'WITH x AS MATERIALIZED (SELECT 1) VALUES (1)',
  "SELECT '/* ' AS a, 2 AS b -- */",
]

describe('the guard of read-only SQL', () => {
  it('blocks every way out of a read-only query, and changes nothing in the folder', async () => {
    const path = foreignFile(SCHEMA)
    const { call } = openDocument({ path })
    await call('list_tables')
    const before = folderHash(dirname(path))
    for (const query of WAYS_OUT)
      await expect(call('sql_query', { query }), query).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    // The guard accepts these, so SQLite's own protection must hold.
    for (const query of [
      "SELECT * FROM t WHERE a = (SELECT words FROM words WHERE words MATCH 'optimize')",
      'SELECT fts5(NULL)',
      "SELECT json_extract('{', '$')",
      'SELECT randomblob(10) IS NULL AS a',
    ]) {
      await call('sql_query', { query }).catch((error: unknown) =>
        expect(error).toMatchObject({ code: 'INVALID_REQUEST' }),
      )
    }
    expect(folderHash(dirname(path))).toBe(before)
    expect(await call('sql_query', { query: 'SELECT count(*) AS n FROM t' })).toEqual([{ n: 2 }])
  })

  it('accepts reading statements', async () => {
    const { call } = openDocument({ path: foreignFile(SCHEMA) })
    for (const query of GOOD) await expect(call('sql_query', { query }), query).resolves.toBeInstanceOf(Array)
  })

  it('reveals no path of this computer', async () => {
    const path = foreignFile(SCHEMA)
    const { call } = openDocument({ path })
    for (const query of [...WAYS_OUT, ...GOOD]) {
      const told = JSON.stringify(await call('sql_query', { query }).catch((error: Error) => error.message))
      expect(told, query).not.toContain(dirname(path))
    }
  })

  it('changes nothing in the folder, whatever it accepts', async () => {
    const path = foreignFile(SCHEMA)
    const { call } = openDocument({ path })
    await call('list_tables')
    const before = folderHash(dirname(path))
    const piece = oneof(
      constantFrom(...WAYS_OUT, ...GOOD),
      constantFrom(
        'SELECT',
        'WITH x AS (',
        ')',
        ';',
        '--',
        '\n',
        '/*',
        '*/',
        "'",
        '"',
        '`',
        '[',
        ']',
        'ATTACH',
        'VACUUM INTO',
        "'f.db'",
        'PRAGMA',
        'EXPLAIN',
        'DELETE FROM t',
        'RETURNING *',
        'x',
        '1',
        '\ufeff',
        '\v',
        '\0',
      ),
      string({ maxLength: 6 }),
    )
    await check(
      asyncProperty(array(piece, { minLength: 1, maxLength: 6 }), async (pieces) => {
        const query = pieces.join(' ')
        if (queryProblem(query) === null)
          await call('sql_query', { query }).catch((error: unknown) =>
            expect(error).toMatchObject({ code: 'INVALID_REQUEST' }),
          )
        expect(folderHash(dirname(path))).toBe(before)
      }),
      { numRuns: repeats(150, 400) },
    )
  })

  it('rejects the wrong number of parameters and accepts the right one', async () => {
    const { call } = openDocument({ path: foreignFile(SCHEMA) })
    await expect(call('sql_query', { query: 'SELECT ?', params: [] })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
    await expect(call('sql_query', { query: 'SELECT ?', params: [1, 2] })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
    expect(await call('sql_query', { query: 'SELECT ? AS a, ? AS b, ? AS c', params: ['x', true, null] })).toEqual([
      { a: 'x', b: 1, c: null },
    ])
  })
})
