import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAccess } from '../../src/engine/access/create-access.ts'
import { createRequestLog } from '../../src/engine/log/create-request-log.ts'
import { openStore } from '../../src/engine/store/open-store.ts'
import { all, opening } from '../log/support/open-log.ts'
import { movableClock, seedProject } from '../store/support/data-folders.ts'
import { repeats } from '../support/repeats.ts'

const WAL_HEADER = 32
const FRAME = 24 + 4096
const POLL = { interval: 5, timeout: 10_000 }
const never = new AbortController().signal

/** How many of the possible states of the disk are opened. */
const IMAGES = repeats(40, 100)

/** What the engine had promised when the write-ahead log had this length. */
interface Promised {
  length: number
  revoked: string[]
  active: string[]
  rows: number
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-faults-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * A kill stops an engine between two writes, or in the middle of one: what is on disk then is the database with a prefix of
 * its write-ahead log. Each prefix, and each with half of the next write, is opened as the next start would open it.
 */
async function workUntilKilled(
  folder: string,
  isThreaded: boolean,
): Promise<{ base: string; wal: Buffer; promised: Promised[] }> {
  const home = join(folder, 'home')
  const base = join(folder, 'base')
  openStore({ home, clock: movableClock() }).close()
  mkdirSync(base)
  for (const file of ['hallpass.db', 'log.key', 'store.generation']) copyFileSync(join(home, file), join(base, file))
  const clock = movableClock()
  const store = openStore({ home, clock, logThread: { minWaitMs: isThreaded ? 0 : Infinity } })
  const log = createRequestLog({ store, clock, strict: () => !isThreaded, retention: { days: 30, rows: 1_000_000 } })
  const access = createAccess({ store, clock })
  const walFile = join(home, 'hallpass.db-wal')
  const promised: Promised[] = []
  const state = { revoked: [] as string[], active: [] as string[], rows: 0 }
  const promise = (): void =>
    void promised.push({
      length: statSync(walFile).size,
      revoked: [...state.revoked],
      active: [...state.active],
      rows: state.rows,
    })
  seedProject(store)
  promise()
  let threaded = 0
  const { start } = store.requests
  store.requests.start = (...given) => {
    threaded += 1
    start(...given)
  }
  const written = (id: number) => expect.poll(() => store.requests.request(id), POLL).not.toBeNull()
  for (let round = 0; round < 12; round += 1) {
    const name = `agent-${round}`
    await access.createToken({ project: 'sales', name, kind: 'access', clone: true })
    state.active.push(name)
    promise()
    for (let index = 0; index < 3; index += 1) {
      const row = log.open({ ...opening, token: name })
      state.rows += 1
      if (isThreaded) await written(row.record.id)
      promise()
      row.close({ status: 200 })
      if (!isThreaded) log.flush()
      promise()
    }
    if (round % 2 === 0) {
      await access.revokeToken('sales', name)
      state.active.splice(state.active.indexOf(name), 1)
      state.revoked.push(name)
      promise()
    }
  }
  if (isThreaded) expect(threaded).toBeGreaterThan(10)
  const wal = readFileSync(walFile)
  log.close()
  access.close()
  store.close()
  return { base, wal, promised }
}

describe('an engine that is killed at any write', () => {
  it.each([
    ['each row written before its request', false],
    ['rows written on the thread', true],
  ])(
    'keeps every acknowledged row and revoke, and starts again with an unbroken log: %s',
    { timeout: 300_000 },
    async (_title, isThreaded) => {
      const folder = scratch()
      const { base, wal, promised } = await workUntilKilled(folder, isThreaded)
      const frames = Math.floor((wal.length - WAL_HEADER) / FRAME)
      const lengths: number[] = []
      for (let frame = 0; frame <= frames; frame += 1) {
        lengths.push(WAL_HEADER + frame * FRAME)
        if (frame < frames) lengths.push(WAL_HEADER + frame * FRAME + FRAME / 2)
      }
      // Evenly over all of them: each image is a start of the store.
      const stride = Math.max(1, Math.floor(lengths.length / IMAGES))
      let images = 0
      for (const length of lengths.filter((_length, index) => index % stride === 0)) {
        const home = join(folder, 'image')
        rmSync(home, { recursive: true, force: true })
        mkdirSync(home, { mode: 0o700 })
        for (const file of ['hallpass.db', 'log.key', 'store.generation'])
          copyFileSync(join(base, file), join(home, file))
        writeFileSync(join(home, 'hallpass.db-wal'), wal.subarray(0, Math.trunc(length)))
        const clock = movableClock()
        const store = openStore({ home, clock })
        try {
          expect(store.notices.join(' '), `at ${length}`).not.toMatch(/damaged|log\.key/)
          const due = promised.findLast((one) => one.length <= length)
          const tokens = store.read.tokens()
          for (const name of due?.revoked ?? [])
            expect(tokens.find((token) => token.name === name)?.revoked_at, `${name} at ${length}`).not.toBeNull()
          for (const name of due?.active ?? []) expect(tokens.some((token) => token.name === name)).toBe(true)
          const log = createRequestLog({ store, clock, strict: () => false, retention: { days: 30, rows: 1_000_000 } })
          const rows = await log.list({ limit: 10_000 })
          expect(rows.length).toBeGreaterThanOrEqual(due?.rows ?? 0)
          expect(rows.every((row) => row.status !== null)).toBe(true)
          const report = (await all(store.requests.verify(never))).at(-1)
          expect(report?.problem, `at ${length}`).toBeNull()
          log.close()
        } finally {
          store.close()
        }
        images += 1
      }
      expect(images).toBeGreaterThanOrEqual(IMAGES)
    },
  )
})
