import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import { acquireLock } from '../../src/engine/store/lock.ts'
import { startChild } from './support/child-processes.ts'
import { dataFolders } from './support/data-folders.ts'

function refusal(home: string): HallpassError {
  try {
    acquireLock(home).release()
  } catch (thrown) {
    if (thrown instanceof HallpassError) return thrown
    throw thrown
  }
  throw new Error('the lock was given')
}

describe('the engine lock', () => {
  const { folder } = dataFolders()

  it('rejects a second process and names the first', async () => {
    const home = folder()
    const child = startChild('store/support/hold-lock.ts', [home])
    await child.printed(1)
    expect(child.lines).toEqual(['held'])
    const error = refusal(home)
    expect(error.code).toBe('INVALID_REQUEST')
    expect(error.message).toContain(`process ${child.pid}`)
    await child.kill()
  })

  it('rejects a second engine in the same process', () => {
    const home = folder()
    const lock = acquireLock(home)
    expect(refusal(home).message).toContain(`process ${process.pid}`)
    lock.release()
  })

  it('lets only one of many simultaneous starts continue', async () => {
    const home = folder()
    const children = Array.from({ length: 6 }, () => startChild('store/support/hold-lock.ts', [home]))
    await Promise.all(children.map((child) => child.printed(1)))
    expect(children.filter((child) => child.lines[0] === 'held')).toHaveLength(1)
    await Promise.all(children.map((child) => child.kill()))
  })

  it('rejects while a running process is named, even if the file system does not lock', async () => {
    const home = folder()
    const child = startChild('store/support/hold-lock.ts', [folder()])
    await child.printed(1)
    const lock = acquireLock(home)
    const own = JSON.parse(readFileSync(join(home, 'engine.lock'), 'utf8')) as { started: string | null }
    lock.release()
    if (own.started !== null) {
      writeFileSync(join(home, 'engine.lock'), JSON.stringify({ pid: process.pid, started: own.started }))
      expect(refusal(home).message).toContain(`process ${process.pid}`)
    }
    await child.kill()
  })

  it('is taken over from a killed engine', async () => {
    const home = folder()
    const child = startChild('store/support/hold-lock.ts', [home])
    await child.printed(1)
    await child.kill()
    expect(existsSync(join(home, 'engine.lock'))).toBe(true)
    const lock = acquireLock(home)
    expect(JSON.parse(readFileSync(join(home, 'engine.lock'), 'utf8'))).toMatchObject({ pid: process.pid })
    lock.release()
  })

  it('is taken over if another program has the process ID now', () => {
    const home = folder()
    writeFileSync(join(home, 'engine.lock'), JSON.stringify({ pid: process.pid, started: 'an-earlier-boot:1' }))
    acquireLock(home).release()
  })

  it.each(['', 'junk', '[]', '{"pid":"1"}', '{"pid":0}'])('takes over a lock file without a process: %j', (content) => {
    const home = folder()
    writeFileSync(join(home, 'engine.lock'), content)
    acquireLock(home).release()
  })

  it('contains no name once released, and its files are readable by the owner only', () => {
    const home = folder()
    const lock = acquireLock(home)
    if (process.platform !== 'win32') expect(statSync(join(home, 'engine.lock')).mode & 0o777).toBe(0o600)
    lock.release()
    lock.release()
    expect(existsSync(join(home, 'engine.lock'))).toBe(false)
  })
})
