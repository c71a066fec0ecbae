import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { collect, contextOf, foreignFile, linesOf, openDocument } from './documents.ts'

/** A file with definitions that SQLite as it is built here would not write itself. */
function foreignSchema(
  sql: string,
  definitions: { type: string; name: string; table?: string; sql: string }[],
): string {
  const path = foreignFile(sql)
  const db = new Database(path)
  db.unsafeMode(true)
  db.pragma('writable_schema = ON')
  const insert = db.prepare('INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, 0, ?)')
  const replace = db.prepare('UPDATE sqlite_schema SET sql = ? WHERE name = ?')
  for (const definition of definitions)
    if (replace.run(definition.sql, definition.name).changes === 0)
      insert.run(definition.type, definition.name, definition.table ?? definition.name, definition.sql)
  db.close()
  return path
}

const QUOTED = `
  CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT, d TEXT); CREATE TABLE log (id INTEGER PRIMARY KEY, m TEXT);
  INSERT INTO a (n) VALUES ('x'), ('y');
  CREATE VIEW q AS SELECT id, "fixed" AS kind, "n" FROM a WHERE n = "x";
  CREATE VIEW q2 AS SELECT kind || "!" AS loud FROM q;
  CREATE TRIGGER first AFTER INSERT ON a WHEN new.n <> "skip" BEGIN INSERT INTO log (m) VALUES ("it's added"); END;
  CREATE TRIGGER second AFTER INSERT ON a BEGIN INSERT INTO log (m) VALUES ('second'); END;
  CREATE TRIGGER third AFTER UPDATE ON a BEGIN INSERT INTO log (m) VALUES ("changed"); END;`

const schemaOf = (path: string): unknown => {
  const db = new Database(path, { readonly: true })
  const rows = db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema').all()
  db.close()
  return rows
}

describe('texts in double quotes', () => {
  it('are texts in views', async () => {
    const { call, connector } = openDocument({ path: foreignFile(QUOTED) })
    expect(await call('describe_table', { table: 'q' })).toMatchObject({
      columns: [{ id: 'id_2' }, { id: 'kind' }, { id: 'n' }],
    })
    expect(await call('get_records', { table: 'q', filter: { kind: 'fixed' } })).toEqual({
      records: [{ id: 1, id_2: 1, kind: 'fixed', n: 'x' }],
    })
    expect(await call('sql_query', { query: 'SELECT loud FROM q2' })).toEqual([{ loud: 'fixed!' }])
    expect(await collect(await connector.openReadStream('get_records', { table: 'q2' }, contextOf()))).toEqual([
      { id: 1, loud: 'fixed!' },
    ])
  })

  it("remain an error in a caller's own query", async () => {
    const { call } = openDocument({ path: foreignFile(QUOTED) })
    await expect(call('sql_query', { query: 'SELECT "nothing" FROM q' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
    expect(await call('sql_query', { query: `SELECT kind FROM q` })).toEqual([{ kind: 'fixed' }])
  })

  it('follow a view that another program changes', async () => {
    const path = foreignFile(QUOTED)
    const { call } = openDocument({ path })
    expect(await call('get_records', { table: 'q2' })).toEqual({ records: [{ id: 1, loud: 'fixed!' }] })
    const db = new Database(path)
    db.exec('DROP VIEW q2; CREATE VIEW q2 AS SELECT kind || "?" AS loud FROM q')
    db.close()
    expect(await call('get_records', { table: 'q2' })).toEqual({ records: [{ id: 1, loud: 'fixed?' }] })
    expect(await call('sql_query', { query: 'SELECT loud FROM q2' })).toEqual([{ loud: 'fixed?' }])
  })

  it('are texts in triggers, which stay unchanged', async () => {
    const path = foreignFile(QUOTED)
    const before = schemaOf(path)
    const { call, connector } = openDocument({ path })
    expect(await call('add_records', { table: 'a', records: [{ n: 'new' }, { n: 'skip' }] })).toEqual({
      record_ids: [3, 4],
    })
    expect(await call('update_records', { table: 'a', records: [{ id: 3, fields: { d: 'e' } }] })).toEqual({
      updated: 1,
    })
    for await (const _ of connector.writeStream(
      { method: 'add_records', table: 'a' },
      linesOf({ n: 'l1' }, { n: 'skip' }),
      contextOf(),
    ));
    const log = await call('sql_query', { query: 'SELECT m FROM log ORDER BY id' })
    const reference = new Database(':memory:')
    reference.exec(QUOTED.replaceAll(`"it's added"`, `'it''s added'`).replaceAll(/"(\w+|!)"/g, `'$1'`))
    reference.exec(
      `INSERT INTO a (n) VALUES ('new'); INSERT INTO a (n) VALUES ('skip'); UPDATE a SET d = 'e' WHERE id = 3; INSERT INTO a (n) VALUES ('l1'); INSERT INTO a (n) VALUES ('skip')`,
    )
    expect(log).toEqual(reference.prepare('SELECT m FROM log ORDER BY id').all())
    expect(schemaOf(path)).toEqual(before)
  })

  it('are texts in triggers during an atomic load of several batches', async () => {
    const path = foreignFile(QUOTED)
    const before = schemaOf(path)
    const { call, connector } = openDocument({ path })
    const rows = Array.from({ length: 2500 }, (_, index) => ({ n: `row ${index}` }))
    const steps: unknown[] = []
    for await (const step of connector.writeStream(
      { method: 'add_records', table: 'a', atomic: true },
      linesOf(...rows),
      contextOf(),
    ))
      steps.push(step)
    expect(steps).toEqual([{ stored: 2500, line: 2500 }])
    expect(await call('sql_query', { query: "SELECT count(*) AS n FROM log WHERE m LIKE '%added%'" })).toEqual([
      { n: 2500 },
    ])
    expect(schemaOf(path)).toEqual(before)
  })

  it('still allow the rollback of an atomic load that fails in a later batch', async () => {
    const path = foreignFile(`${QUOTED} CREATE UNIQUE INDEX u ON a (n);`)
    const before = schemaOf(path)
    const { call, connector } = openDocument({ path })
    const rows = [...Array.from({ length: 1500 }, (_, index) => ({ n: `row ${index}` })), { n: 'row 7' }]
    const load = async (): Promise<void> => {
      for await (const _ of connector.writeStream(
        { method: 'add_records', table: 'a', atomic: true },
        linesOf(...rows),
        contextOf(),
      ));
    }
    await expect(load()).rejects.toMatchObject({ code: 'INVALID_REQUEST', details: { failed_line: 1501, stored: 0 } })
    expect(schemaOf(path)).toEqual(before)
    expect(await call('sql_query', { query: 'SELECT count(*) AS n FROM a' })).toEqual([{ n: 2 }])
    expect(await call('sql_query', { query: 'SELECT count(*) AS n FROM log' })).toEqual([{ n: 0 }])
  })

  it('change nothing if the write fails', async () => {
    const path = foreignFile(`${QUOTED} CREATE UNIQUE INDEX u ON a (n);`)
    const before = schemaOf(path)
    const { call } = openDocument({ path })
    await expect(call('add_records', { table: 'a', records: [{ n: 'new' }, { n: 'x' }] })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
    expect(schemaOf(path)).toEqual(before)
    expect(await call('sql_query', { query: 'SELECT count(*) AS n FROM a' })).toEqual([{ n: 2 }])
  })

  it('are texts in checks, defaults and partial indexes', async () => {
    const path = foreignSchema('CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT, d TEXT)', [
      {
        type: 'table',
        name: 't',
        sql: 'CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT CHECK (n <> "bad"), d TEXT DEFAULT "usual")',
      },
    ])
    const { call } = openDocument({ path })
    await expect(call('add_records', { table: 't', records: [{ n: 'bad' }] })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
    await call('add_records', { table: 't', records: [{ n: 'good' }] })
    expect(await call('get_records', { table: 't' })).toEqual({ records: [{ id: 1, n: 'good', d: 'usual' }] })
  })

  it('still allow renaming a table with such triggers', async () => {
    const { call } = openDocument({ path: foreignFile(QUOTED.replace(/CREATE VIEW .*;/g, '')) })
    await call('rename_table', { table: 'a', table_id: 'b' })
    await call('add_records', { table: 'b', records: [{ n: 'new' }] })
    expect(await call('sql_query', { query: 'SELECT m FROM log ORDER BY m' })).toEqual([
      { m: "it's added" },
      { m: 'second' },
    ])
  })

  it('do not let a view reach outside the document', async () => {
    const { call } = openDocument({
      path: foreignFile(
        `${QUOTED} CREATE VIEW evil AS SELECT "text" AS t, file FROM pragma_database_list; CREATE VIEW evil2 AS SELECT "x", load_extension('x') FROM a`,
      ),
    })
    expect(await call('get_records', { table: 'q' })).toMatchObject({ records: [{ kind: 'fixed' }] })
    for (const table of ['evil', 'evil2'])
      await expect(call('get_records', { table })).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  })
})

describe('parts of a file that need an extension', () => {
  const rest = "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO a (n) VALUES ('x'), ('y');"

  it('still allow reading, filtering and sorting a table with an unknown collation', async () => {
    const path = foreignSchema(
      `${rest} CREATE TABLE c (id INTEGER PRIMARY KEY, t TEXT); CREATE INDEX ic ON c (t); INSERT INTO c (t) VALUES ('p'), ('o')`,
      [{ type: 'table', name: 'c', sql: 'CREATE TABLE c (id INTEGER PRIMARY KEY, t TEXT COLLATE theirs)' }],
    )
    const { call, connector } = openDocument({ path })
    expect(await call('list_tables')).toEqual({ tables: ['a', 'c'] })
    expect(await call('get_records', { table: 'c' })).toMatchObject({ records: [{ t: 'p' }, { t: 'o' }] })
    expect(await call('get_records', { table: 'c', filter: { t: ['o'] } })).toEqual({ records: [{ id: 2, t: 'o' }] })
    expect(await call('get_records', { table: 'c', sort: '-t' })).toMatchObject({ records: [{ t: 'p' }, { t: 'o' }] })
    expect(
      await collect(await connector.openReadStream('get_records', { table: 'c', sort: 't' }, contextOf())),
    ).toMatchObject([{ t: 'o' }, { t: 'p' }])
    await expect(call('add_records', { table: 'c', records: [{ t: 'q' }] })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
    expect(await call('add_records', { table: 'a', records: [{ n: 'z' }] })).toEqual({ record_ids: [3] })
  })

  it('leave the other tables usable', async () => {
    const path = foreignSchema(rest, [
      { type: 'table', name: 'vecs', sql: 'CREATE VIRTUAL TABLE vecs USING vec0(embedding float[3])' },
      { type: 'view', name: 'broken', sql: 'CREATE VIEW broken AS SELECT * FROM gone' },
      { type: 'view', name: 'f', sql: 'CREATE VIEW f AS SELECT theirs(n) AS m FROM a' },
    ])
    const { call } = openDocument({ path })
    expect(await call('list_tables')).toEqual({ tables: ['a', 'broken', 'f', 'vecs'] })
    expect(await call('add_records', { table: 'a', records: [{ n: 'z' }] })).toEqual({ record_ids: [3] })
    for (const table of ['vecs', 'broken', 'f'])
      for (const method of ['describe_table', 'get_records'] as const)
        await expect(call(method, { table })).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  })

  it('still show damage in the tables that can be checked', async () => {
    const path = foreignSchema(
      `${rest} CREATE TABLE c (id INTEGER PRIMARY KEY, t TEXT); CREATE INDEX ic ON c (t); CREATE TABLE s (x TEXT NOT NULL); INSERT INTO s VALUES ('1')`,
      [
        { type: 'table', name: 'c', sql: 'CREATE TABLE c (id INTEGER PRIMARY KEY, t TEXT COLLATE theirs)' },
        { type: 'table', name: 's', sql: 'CREATE TABLE s (x TEXT NOT NULL, y TEXT NOT NULL)' },
      ],
    )
    await expect(openDocument({ path }).call('list_tables')).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' })
  })
})

describe('files that people reported to other programs', () => {
  it('may have a foreign key to a virtual table whose module is missing', async () => {
    const path = foreignSchema(
      "PRAGMA foreign_keys = OFF; CREATE TABLE widgets (id INTEGER PRIMARY KEY, n TEXT, e INTEGER, FOREIGN KEY (e) REFERENCES vecs (id)); INSERT INTO widgets (n) VALUES ('a')",
      [
        {
          type: 'table',
          name: 'vecs',
          sql: 'CREATE VIRTUAL TABLE vecs USING vec0(id INTEGER PRIMARY KEY, embedding float[4])',
        },
      ],
    )
    const { call } = openDocument({ path })
    expect(await call('describe_table', { table: 'widgets' })).toMatchObject({
      columns: [{ id: 'n' }, { id: 'e', references: 'vecs' }],
    })
    expect(await call('get_records', { table: 'widgets' })).toEqual({ records: [{ id: 1, n: 'a', e: null }] })
    // SQLite can't enforce such a key, so it rejects the write. It says which one.
    await expect(call('add_records', { table: 'widgets', records: [{ e: 1 }] })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
  })

  it('may have a trigger with a function of their program, which prevents only writes to that table', async () => {
    const { call } = openDocument({
      path: foreignFile(`CREATE TABLE g (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE other (n TEXT);
        CREATE TRIGGER geometry BEFORE INSERT ON g WHEN GeometryConstraints(new.n) BEGIN SELECT 1; END;
        INSERT INTO other VALUES ('x')`),
    })
    await expect(call('add_records', { table: 'g', records: [{ n: 'a' }] })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    })
    expect(await call('get_records', { table: 'g' })).toEqual({ records: [] })
    expect(await call('add_records', { table: 'other', records: [{ n: 'a' }] })).toEqual({ record_ids: [2] })
  })

  it('may have names with quotes, slashes and spaces', async () => {
    const name = `it's a "table"/2024; --`
    const { call } = openDocument({
      path: foreignFile(
        `CREATE TABLE "${name.replaceAll('"', '""')}" ("it's" TEXT, "a/b" INT); CREATE TABLE plain (x)`,
      ),
    })
    await call('add_records', { table: name, records: [{ "it's": 'x', 'a/b': 1 }] })
    expect(await call('get_records', { table: name, filter: { "it's": 'x' }, sort: '-a/b' })).toEqual({
      records: [{ id: 1, "it's": 'x', 'a/b': 1 }],
    })
  })

  it('may have views with new syntax, and views on other views', async () => {
    const { call } = openDocument({
      path: foreignFile(`CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO t (n) VALUES ('b'), ('a');
        CREATE VIEW v AS SELECT group_concat(n, ',' ORDER BY n) AS names FROM t; CREATE VIEW w AS SELECT names || '!' AS loud FROM v`),
    })
    expect(await call('get_records', { table: 'w' })).toEqual({ records: [{ id: 1, loud: 'a,b!' }] })
  })
})
