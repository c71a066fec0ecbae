import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openGeneration } from '../../src/engine/store/generation.ts'

const PLATFORMS = ['linux', 'darwin', 'win32'] as const

/** A store of nothing but its identity, in a folder that can be copied. */
function createStore() {
  const root = mkdtempSync(join(tmpdir(), 'hallpass-generation-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const home = join(root, 'home')
  mkdirSync(home)
  const open = (platform: NodeJS.Platform) => {
    const database = new SqliteDatabase(join(home, 'hallpass.db'))
    database.exec(`CREATE TABLE IF NOT EXISTS store_identity (only_row INTEGER PRIMARY KEY, instance TEXT, generation INTEGER,
      marker TEXT, highest_request_id INTEGER)`)
    const generation = openGeneration(database, home, platform)
    generation.begin(() => undefined)
    return { generation, database }
  }
  return { home, root, open }
}

describe.each(PLATFORMS)('a data folder on %s', (platform) => {
  it('is the same after restarts and revokes', () => {
    const { open } = createStore()
    for (let start = 0; start < 4; start += 1) {
      const { generation, database } = open(platform)
      expect(generation).toMatchObject({ restored: false, lost: false })
      generation.shrinking(() => undefined)
      database.close()
    }
  })

  it('is the same if the times of its files were written later, rounded or set by a backup program', () => {
    const { home, open } = createStore()
    open(platform).database.close()
    utimesSync(join(home, 'store.generation'), 2, 1_000_000_000)
    expect(open(platform).generation.restored).toBe(false)
  })

  // The file system under test is this machine's, and only its own rules hold there.
  it.runIf(platform === process.platform)('is a copy if it was restored with all times that a program can set', () => {
    const { home, root, open } = createStore()
    open(platform).database.close()
    cpSync(home, join(root, 'backup'), { recursive: true, preserveTimestamps: true })
    open(platform).database.close()
    rmSync(home, { recursive: true })
    cpSync(join(root, 'backup'), home, { recursive: true, preserveTimestamps: true })
    expect(open(platform).generation.restored).toBe(true)
  })
})

describe('a file system', () => {
  const rewrite = (database: SqliteDatabase.Database, change: (inode: string, born: string) => string): void => {
    const [inode = '', born = ''] = String(database.prepare('SELECT marker FROM store_identity').pluck().get()).split(
      '/',
    )
    database.prepare('UPDATE store_identity SET marker = ?').run(change(inode, born))
    database.close()
  }

  it('is not taken for a copy if it renumbers files at each start, on Linux', () => {
    const { open } = createStore()
    rewrite(open('linux').database, (inode, born) => `${inode}1/${born}`)
    expect(open('linux').generation.restored).toBe(false)
  })

  it.each(['darwin', 'win32'] as const)("does not hide a copy by keeping a file's creation time, on %s", (platform) => {
    const { open } = createStore()
    rewrite(open(platform).database, (inode, born) => `${inode}1/${born}`)
    expect(open(platform).generation.restored).toBe(true)
  })

  it('does not hide a copy by reusing an inode, on Linux', () => {
    const { open } = createStore()
    rewrite(open('linux').database, (inode, born) => `${inode}/${born}1`)
    expect(open('linux').generation.restored).toBe(true)
  })

  it('is the same with a marker of an earlier version, which has the time of the change before it', () => {
    const { open } = createStore()
    rewrite(open('linux').database, (inode, born) => `1700000000/${inode}/${born}`)
    expect(open('linux').generation.restored).toBe(false)
  })
})
