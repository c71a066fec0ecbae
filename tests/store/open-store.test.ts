import {
  chmodSync,
  cpSync,
  utimesSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import type { Store } from '../../src/engine/store/store.ts'
import { addToken, dataFolders, seedProject } from './support/data-folders.ts'

const { folder, open } = dataFolders()

function refusal(home: string): HallpassError {
  try {
    open(home)
  } catch (thrown) {
    if (thrown instanceof HallpassError) return thrown
    throw thrown
  }
  throw new Error('the store was opened')
}

function seeded(home: string): { store: Store; projectId: number; tokenId: number } {
  const store = open(home)
  const { projectId } = seedProject(store)
  return { store, projectId, tokenId: addToken(store, projectId, 'agent') }
}

describe('a file that cannot be trusted', () => {
  it('is rejected unchanged if a newer Hallpass wrote it', () => {
    const home = folder()
    seeded(home).store.close()
    const file = join(home, 'hallpass.db')
    const newer = new SqliteDatabase(file)
    newer.pragma('user_version = 999')
    newer.close()
    const before = readFileSync(file)
    const error = refusal(home)
    expect(error.code).toBe('INVALID_REQUEST')
    expect(error.message).toMatch(/newer version of Hallpass.*Install/)
    expect(error.message).not.toContain(home)
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(readdirSync(home).some((name) => name.includes('damaged'))).toBe(false)
  })

  it.skipIf(process.platform === 'win32')('is rejected when it is a link', () => {
    const home = folder()
    const elsewhere = join(folder(), 'other.db')
    writeFileSync(elsewhere, '')
    symlinkSync(elsewhere, join(home, 'hallpass.db'))
    expect(refusal(home).message).toMatch(/regular file/)
    expect(readFileSync(elsewhere, 'utf8')).toBe('')
  })

  it.skipIf(process.platform === 'win32')('is rejected when its write-ahead file is a link', () => {
    const home = folder()
    seeded(home).store.close()
    symlinkSync(join(folder(), 'nowhere'), join(home, 'hallpass.db-wal'))
    expect(refusal(home).message).toMatch(/hallpass\.db-wal.*regular file/)
  })

  it('is rejected when it is a folder', () => {
    const home = folder()
    mkdirSync(join(home, 'hallpass.db'))
    expect(refusal(home).code).toBe('INVALID_REQUEST')
  })

  const damage: Record<string, (file: string) => void> = {
    junk: (file) => writeFileSync(file, Buffer.alloc(9000, 'junk')),
    'one byte': (file) => writeFileSync(file, 'x'),
    'cut in the middle': (file) => truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096),
    'cut inside a page': (file) => truncateSync(file, 5000),
    'overwritten pages': (file) => {
      const content = readFileSync(file)
      content.fill(0xa5, 4096, content.length)
      writeFileSync(file, content)
    },
    'another program’s database': (file) => {
      rmSync(file)
      const other = new SqliteDatabase(file)
      other.exec('CREATE TABLE theirs (a)')
      other.close()
    },
    'a missing table': (file) => {
      const database = new SqliteDatabase(file)
      database.exec('DROP TABLE grants')
      database.close()
    },
    'a trigger that undoes revokes': (file) => {
      const database = new SqliteDatabase(file)
      database.exec(
        'CREATE TRIGGER undo AFTER UPDATE OF revoked_at ON tokens BEGIN UPDATE tokens SET revoked_at = NULL; END',
      )
      database.close()
    },
  }

  it.each(Object.keys(damage))('is moved aside, and none of its tokens works: %s', (kind) => {
    const home = folder()
    seeded(home).store.close()
    damage[kind]?.(join(home, 'hallpass.db'))
    const damaged = readFileSync(join(home, 'hallpass.db'))

    const store = open(home)
    expect(store.read.tokens()).toEqual([])
    expect(store.read.tokenByHash('hash-of-agent')).toBeNull()
    expect(store.notices).toHaveLength(1)
    const aside = readdirSync(home).filter((name) => /^hallpass\.db\.damaged-2026-01-15T12-00-00-000Z$/.test(name))
    expect(aside).toHaveLength(1)
    expect(store.notices[0]).toContain(aside[0])
    expect(readFileSync(join(home, aside[0] as string)).length).toBe(damaged.length)
    seedProject(store)
    store.close()
    expect(open(home).notices).toEqual([])
  })

  it('is moved aside under another name the second time', () => {
    const home = folder()
    for (let round = 0; round < 3; round += 1) {
      writeFileSync(join(home, 'hallpass.db'), 'junk that is not a database at all')
      open(home).close()
    }
    expect(readdirSync(home).filter((name) => name.startsWith('hallpass.db.damaged'))).toHaveLength(3)
  })

  it('is reported in a notice if it was emptied or lost', () => {
    const home = folder()
    seeded(home).store.close()
    truncateSync(join(home, 'hallpass.db'), 0)
    const store = open(home)
    expect(store.notices[0]).toMatch(/missing or empty/)
    expect(store.read.tokens()).toEqual([])
  })
})

describe('a restored copy', () => {
  function expectRevoked(store: Store): void {
    expect(store.read.tokens().every((token) => token.revoked_at !== null)).toBe(true)
    expect(store.notices.join(' ')).toMatch(/restored.*revoked/)
  }

  it('restores no token that was revoked in a later run, and no browser that was signed in', () => {
    const home = folder()
    const { store, projectId } = seeded(home)
    store.write.setSetting('console_sign_ins', '["a browser"]')
    store.close()
    const backup = readFileSync(join(home, 'hallpass.db'))
    const later = open(home)
    later.write.revokeToken(later.read.token(projectId, 'agent')?.id ?? 0, 5)
    later.close()
    writeFileSync(join(home, 'hallpass.db'), backup)
    const restored = open(home)
    expect(restored.read.tokens()).toHaveLength(1)
    expect(restored.read.setting('console_sign_ins')).toBe('[]')
    expectRevoked(restored)
  })

  it('restores no browser that was signed out in the same run', () => {
    const home = folder()
    const { store } = seeded(home)
    store.write.setSetting('console_sign_ins', '["a browser"]')
    const backup = readFileSync(join(home, 'hallpass.db'))
    const written = readFileSync(join(home, 'hallpass.db-wal'))
    store.write.setRevokingSetting('console_sign_ins', '[]')
    store.close()
    writeFileSync(join(home, 'hallpass.db'), backup)
    writeFileSync(join(home, 'hallpass.db-wal'), written)
    expect(open(home).read.setting('console_sign_ins')).toBe('[]')
  })

  it.each([
    'revokeToken',
    'deleteToken',
    'rotateToken',
    'extendToken',
    'replaceToken',
    'exclude',
    'deleteProject',
  ] as const)('restores no permission that %s removed in the same run', async (deed) => {
    const home = folder()
    const { store, projectId, tokenId } = seeded(home)
    const raw = new SqliteDatabase(join(home, 'hallpass.db'), { readonly: true })
    const copy = join(folder(), 'copy.db')
    await raw.backup(copy)
    raw.close()
    if (deed === 'revokeToken') store.write.revokeToken(tokenId, 5)
    else if (deed === 'rotateToken')
      store.write.rotateToken(tokenId, 'hash-of-agent', { prefix: 'hp_pat_new', hash: 'another hash' })
    else if (deed === 'extendToken') store.write.extendToken(tokenId, 1, 5)
    else if (deed === 'replaceToken')
      store.write.replaceToken({
        project_id: projectId,
        name: 'agent',
        kind: 'access',
        prefix: 'hp_pat_new',
        hash: 'another hash',
        rate: null,
        created_at: 2,
        expires_at: null,
        grants: [],
      })
    else if (deed === 'deleteToken') store.write.deleteToken(tokenId)
    else if (deed === 'exclude') store.write.exclude([projectId], 1)
    else store.write.deleteProject(projectId)
    store.close()
    cpSync(copy, join(home, 'hallpass.db'))
    expectRevoked(open(home))
  })

  // After an even number of starts the counter has the inode that it had in the backup, which file systems use again.
  it.each([
    { way: 'over the old files', keepTimes: false, starts: 1 },
    { way: 'over the old files with their times', keepTimes: true, starts: 1 },
    { way: 'over the old files with their times, two starts later', keepTimes: true, starts: 2 },
    { way: 'in place of the folder', keepTimes: true, starts: 1 },
  ])('is detected when the whole folder comes from a backup, restored $way', ({ way, keepTimes, starts }) => {
    const home = folder()
    seeded(home).store.close()
    const backup = folder()
    cpSync(home, backup, { recursive: true, preserveTimestamps: keepTimes })
    for (let start = 0; start < starts; start += 1) open(home).close()
    if (way === 'in place of the folder') rmSync(home, { recursive: true })
    cpSync(backup, home, { recursive: true, preserveTimestamps: keepTimes })
    expectRevoked(open(home))
  })

  it('is not suspected if a system writes the times of a file later, or rounds them', () => {
    const home = folder()
    seeded(home).store.close()
    utimesSync(join(home, 'store.generation'), 1_000_000_000, 1_000_000_000)
    expect(open(home).notices).toEqual([])
  })

  it('revokes its tokens if the counter next to it is missing, invalid, or of another store', () => {
    for (const content of [null, 'junk', '{"instance":"other","generation":1}']) {
      const home = folder()
      seeded(home).store.close()
      open(home).close()
      if (content === null) rmSync(join(home, 'store.generation'))
      else writeFileSync(join(home, 'store.generation'), content)
      expectRevoked(open(home))
    }
  })

  it('accepts tokens created after it was restored', () => {
    const home = folder()
    const { store, projectId } = seeded(home)
    store.close()
    open(home).close()
    rmSync(join(home, 'store.generation'))
    const restored = open(home)
    addToken(restored, projectId, 'new')
    restored.close()
    const again = open(home)
    expect(again.notices).toEqual([])
    expect(again.read.token(projectId, 'new')?.revoked_at).toBeNull()
  })

  it('is not suspected after ordinary restarts and revokes', () => {
    const home = folder()
    const { store, projectId } = seeded(home)
    addToken(store, projectId, 'other')
    store.write.revokeToken(store.read.token(projectId, 'other')?.id ?? 0, 5)
    store.close()
    for (let round = 0; round < 5; round += 1) {
      const again = open(home)
      expect(again.notices).toEqual([])
      expect(again.read.token(projectId, 'agent')?.revoked_at).toBeNull()
      again.close()
    }
  })

  it('is not suspected if a crash came between the database and its counter', () => {
    const home = folder()
    seeded(home).store.close()
    const counter = readFileSync(join(home, 'store.generation'))
    open(home).close()
    writeFileSync(join(home, 'store.generation'), counter)
    expect(open(home).notices).toEqual([])
  })
})

describe.skipIf(process.platform === 'win32')('the data folder', () => {
  it('is rejected if it is shared with other users', () => {
    const home = folder()
    chmodSync(home, 0o1777)
    expect(refusal(home).message).toMatch(/other users/)
    expect(statSync(home).mode & 0o7777).toBe(0o1777)
  })

  it.each(['a file', 'below a file'])('is rejected if it is %s', (kind) => {
    const file = join(folder(), 'file')
    writeFileSync(file, '')
    expect(refusal(kind === 'a file' ? file : join(file, 'home')).code).toBe('INVALID_REQUEST')
  })

  it("is rejected in one sentence without a path if it can't be created", () => {
    const error = refusal('/proc/hallpass-home')
    expect(error.message).toMatch(/HALLPASS_HOME/)
    expect(error.message).not.toContain('/proc')
  })

  it('and all its files are closed to other users, whatever their modes were', () => {
    const home = join(folder(), 'deep', 'home')
    const { store } = seeded(home)
    expect(statSync(home).mode & 0o777).toBe(0o700)
    store.close()
    chmodSync(home, 0o755)
    chmodSync(join(home, 'hallpass.db'), 0o644)
    open(home).write.setSetting('a', 'b')
    expect(statSync(home).mode & 0o777).toBe(0o700)
    const files = readdirSync(home)
    expect(files).toEqual(
      expect.arrayContaining(['hallpass.db', 'hallpass.db-shm', 'hallpass.db-wal', 'store.generation']),
    )
    for (const name of files) expect([name, statSync(join(home, name)).mode & 0o777]).toEqual([name, 0o600])
  })

  it.each(['with spaces', 'ünï-çødé 学校', 'quote \' and "', 'percent %20?mode=memory#x', 'file:x', '-dash'])(
    'can have an unusual name: %s',
    (name) => {
      const home = join(folder(), name)
      seeded(home).store.close()
      expect(existsSync(join(home, 'hallpass.db'))).toBe(true)
      expect(open(home).read.tokens()).toHaveLength(1)
    },
  )

  it('can be a link to a folder', () => {
    const home = join(folder(), 'link')
    symlinkSync(folder(), home)
    seeded(home).store.close()
    expect(open(home).read.tokens()).toHaveLength(1)
  })
})

describe('the database', () => {
  it('is durable and strict in its settings', () => {
    const home = folder()
    const store = open(home)
    const raw = new SqliteDatabase(store.file, { readonly: true })
    expect(raw.pragma('journal_mode', { simple: true })).toBe('wal')
    const tables = raw
      .prepare<[], { name: string; strict: number }>(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'",
      )
      .all()
    raw.close()
    expect(tables.length).toBeGreaterThan(6)
    expect(tables.filter((table) => table.strict !== 1)).toEqual([])
  })
})
