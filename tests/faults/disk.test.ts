import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import { createAccess } from '../../src/engine/access/create-access.ts'
import { createRequestLog } from '../../src/engine/log/create-request-log.ts'
import { acquireLock } from '../../src/engine/store/lock.ts'
import { openStore } from '../../src/engine/store/open-store.ts'
import { all, opening } from '../log/support/open-log.ts'
import { movableClock, seedProject } from '../store/support/data-folders.ts'

const never = new AbortController().signal
/** Mounting a file system needs root on Linux, as in CI containers. */
const canMount = process.platform === 'linux' && process.getuid?.() === 0 && tryMount()

function tryMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function smallDisk(size: string): { home: string; fill(): () => void; readOnly(on: boolean): void } {
  const disk = mkdtempSync(join(tmpdir(), 'hallpass-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', disk])
  onTestFinished(() => {
    execFileSync('umount', ['-l', disk])
    rmSync(disk, { recursive: true, force: true })
  })
  const home = join(disk, 'home')
  mkdirSync(home, { mode: 0o700 })
  return {
    home,
    fill() {
      const file = join(disk, 'other-program')
      for (let bytes = 1 << 20; bytes >= 4096; bytes >>= 1) {
        try {
          for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' })
        } catch (thrown) {
          if ((thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown
        }
      }
      return () => rmSync(file)
    },
    readOnly: (on) => void execFileSync('mount', ['-o', `remount,${on ? 'ro' : 'rw'}`, disk]),
  }
}

function engineOn(home: string, strict = true) {
  const clock = movableClock()
  // Without strict mode, batches are written on the thread from the second one on.
  const store = openStore({ home, clock, logThread: { minWaitMs: strict ? Infinity : 0 } })
  const log = createRequestLog({ store, clock, strict: () => strict, retention: { days: 30, rows: 1_000_000 } })
  const access = createAccess({ store, clock })
  let isOpen = true
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    for (const part of [access, log, store]) {
      try {
        part.close()
      } catch (thrown) {
        // A full disk accepts no final writes.
        if (!(thrown instanceof HallpassError)) throw thrown
      }
    }
  }
  onTestFinished(close)
  return { store, log, access, close }
}

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'done'
  } catch (thrown) {
    if (thrown instanceof HallpassError) return thrown.code
    throw thrown
  }
}

describe.skipIf(!canMount)('a disk that fills up', () => {
  it('rejects requests, loses no acknowledged row, and serves again once there is space', async () => {
    const { home, fill } = smallDisk('8m')
    const { store, log } = engineOn(home)
    seedProject(store)
    const acknowledged: number[] = []
    const write = (): string =>
      codeOf(() => acknowledged.push(log.open({ ...opening, resource: 'x'.repeat(300) }).record.id))
    for (let index = 0; index < 50; index += 1) write()
    const free = fill()
    let outcome = 'done'
    for (let index = 0; index < 5000 && outcome === 'done'; index += 1) outcome = write()
    expect(outcome).toBe('LOG_UNAVAILABLE')
    // A small change may still find room in what the database has; whole or not at all.
    const created = codeOf(() => store.write.createProject('other', 1))
    expect(store.read.project('other') !== null).toBe(created === 'done')
    free()
    await expect.poll(write, { timeout: 10_000 }).toBe('done')
    const stored = new Set((await log.list({ limit: 10_000 })).map((row) => row.id))
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
    expect((await all(store.requests.verify(never))).at(-1)?.problem).toBeNull()
  })

  it('does the same while batches are written on the thread, and a revocation needs no space', async () => {
    const { home, fill } = smallDisk('8m')
    const { store, log, access } = engineOn(home, false)
    seedProject(store)
    const project = 'sales'
    const { secret } = await access.createToken({ project, name: 'agent', kind: 'access', clone: true })
    const accepted: number[] = []
    const write = (): string =>
      codeOf(() => {
        const row = log.open({ ...opening, resource: 'x'.repeat(300) })
        row.close({ status: 200 })
        accepted.push(row.record.id)
      })
    write()
    await expect.poll(() => store.requests.canStart, { timeout: 10_000 }).toBe(true)
    const { start } = store.requests
    let batches = 0
    store.requests.start = (...given) => {
      batches += 1
      start(...given)
    }
    const free = fill()
    let outcome = 'done'
    while (outcome === 'done') {
      outcome = write()
      if (accepted.length % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(outcome).toBe('LOG_UNAVAILABLE')
    expect(batches).toBeGreaterThan(0)
    await access.revokeToken(project, 'agent')
    expect(access.recognize(secret ?? '')).toBeNull()
    free()
    await expect.poll(write, { timeout: 10_000 }).toBe('done')
    const stored = (await log.list({ limit: 100_000 })).map((row) => row.id)
    expect(stored).toEqual(accepted.toReversed())
    expect((await all(store.requests.verify(never))).at(-1)?.problem).toBeNull()
    expect((await log.summary({ steps: 1 })).requests).toBe(accepted.length)
  })

  it('revokes, deletes and excludes permanently, whatever fills the disk', async () => {
    const { home, fill } = smallDisk('12m')
    const first = engineOn(home)
    const { connectionId } = seedProject(first.store)
    const project = 'sales'
    const secretOf = async (name: string) =>
      (await first.access.createToken({ project, name, kind: 'access', clone: true })).secret ?? ''
    const secrets: string[] = []
    for (let index = 0; index < 25; index += 1) secrets.push(await secretOf(`agent-${index}`))
    const stays = await secretOf('stays')
    const free = fill()
    for (let index = 0; index < 5000; index += 1)
      if (codeOf(() => first.log.open({ ...opening, resource: 'x'.repeat(300) })) !== 'done') break
    for (let index = 0; index < 20; index += 1) await first.access.revokeToken(project, `agent-${index}`)
    for (let index = 20; index < 25; index += 1) await first.access.deleteToken(project, `agent-${index}`)
    expect(codeOf(() => first.store.write.exclude([1], connectionId))).toBe('done')
    first.close()
    free()
    const { access, store } = engineOn(home)
    for (const secret of secrets) expect(access.recognize(secret)).toBeNull()
    expect(access.recognize(stays)?.name).toBe('stays')
    expect(store.read.includes(1, connectionId)).toBe(false)
    expect(store.notices).toEqual([])
  })

  it('refills its reserve after use as far as the disk allows', async () => {
    const { home, fill } = smallDisk('12m')
    const { store, access } = engineOn(home)
    seedProject(store)
    await access.createToken({ project: 'sales', name: 'agent', kind: 'access', clone: true })
    const reserve = (): number => statSync(join(home, 'store.reserve')).size
    const whole = reserve()
    expect(whole).toBe(1 << 20)
    fill()
    for (let index = 0; index < 5000; index += 1)
      if (codeOf(() => store.write.setSetting(`filling-${index}`, 'x'.repeat(2000))) !== 'done') break
    await access.revokeToken('sales', 'agent')
    expect(reserve()).toBeGreaterThan(whole / 2)
  })

  it('keeps everything acknowledged through a restart', async () => {
    const { home, fill } = smallDisk('8m')
    const first = engineOn(home)
    seedProject(first.store)
    await first.access.createToken({ project: 'sales', name: 'agent', kind: 'access', clone: true })
    for (let index = 0; index < 20; index += 1) first.log.open(opening).close({ status: 200 })
    const free = fill()
    first.close()
    free()
    const { store, log } = engineOn(home)
    expect(store.notices.join(' ')).not.toMatch(/damaged/)
    expect(store.read.tokens()).toHaveLength(1)
    expect(await log.list({})).toHaveLength(20)
    expect((await all(store.requests.verify(never))).at(-1)?.problem).toBeNull()
  })
})

describe.skipIf(!canMount)('a read-only data folder', () => {
  it('is rejected at start with what to check, and changes nothing', () => {
    const { home, readOnly } = smallDisk('8m')
    engineOn(home).close()
    readOnly(true)
    try {
      expect(codeOf(() => acquireLock(home))).toBe('INVALID_REQUEST')
    } finally {
      readOnly(false)
    }
    expect(engineOn(home).store.notices).toEqual([])
  })

  it("can't become read-only while the engine has files open in it", async () => {
    const { home, readOnly } = smallDisk('8m')
    const { log } = engineOn(home)
    log.open(opening)
    // Files that are open for writing keep a file system from becoming read-only; what fails instead is each write.
    expect(() => readOnly(true)).toThrow()
    expect(await log.list({})).toHaveLength(1)
  })
})
