import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { _electron, type ElectronApplication } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StartWorker, WorkerProcess } from '../../src/engine/documents/sqlite/worker-process.ts'
import { missingDesktop } from '../support/desktop-app.ts'
import { findElectron } from '../support/electron.ts'
import { until } from '../support/until.ts'

declare const startWorker: StartWorker
/** Kept in the app between two steps of a test. */
declare let busy: WorkerProcess

describe.skipIf(missingDesktop() !== null)('a SQL worker of the desktop app', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-worker-'))
  const path = join(folder, 'document')
  let app: ElectronApplication

  beforeAll(async () => {
    const [main, worker] = ['worker-host', 'worker'].map((name) => join(import.meta.dirname, `stand-in/${name}.ts`))
    await build({
      entryPoints: { main: main ?? '', worker: worker ?? '' },
      outdir: folder,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node18',
      outExtension: { '.js': '.cjs' },
      external: ['electron'],
      logLevel: 'silent',
    })
    writeFileSync(join(folder, 'package.json'), '{"name":"workers","main":"main.cjs"}')
    app = await _electron.launch({
      executablePath: findElectron() ?? '',
      args: ['--no-sandbox', folder],
      env: { ...(process.env as Record<string, string>), HALLPASS_VAULT_KEY: 'canary' },
    })
  })
  afterAll(async () => {
    await app.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  test("has neither the app's environment nor a port to its parent", async () => {
    const opened = await app.evaluate(
      (_electron, file) =>
        new Promise<{ environment: string[]; parent: unknown; path: string }>((resolve) => {
          const worker = startWorker({
            file: { path: file, device: '1', inode: '1', owner: '0' },
            created: false,
            memoryBytes: 1,
          })
          worker.listen((message) => {
            if (message.kind === 'done') resolve(JSON.parse(message.data) as never)
            worker.kill()
          })
        }),
      path,
    )
    expect(opened).toMatchObject({ path, parent: null })
    expect(
      opened.environment.filter((name) => name.startsWith('HALLPASS') || name === 'PATH' || name === 'HOME'),
    ).toEqual([])
  })

  test('is killed in the middle of a query, and also before it starts', async () => {
    await app.evaluate(async (_electron, file) => {
      busy = startWorker({ file: { path: file, device: '1', inode: '1', owner: '0' }, created: false, memoryBytes: 1 })
      await new Promise<void>((resolve) => {
        busy.listen(() => resolve())
      })
      busy.post({ kind: 'end' })
    }, path)
    await until('the worker is busy', () => existsSync(`${path}.busy`))
    const kills = await app.evaluate(async (_electron, file) => {
      busy.kill()
      await busy.exited
      const early = startWorker({
        file: { path: file, device: '1', inode: '1', owner: '0' },
        created: false,
        memoryBytes: 1,
      })
      early.kill()
      await early.exited
      early.post({ kind: 'end' })
      early.kill()
      return 'both gone'
    }, path)
    expect(kills).toBe('both gone')
  })

  test("closes its file before it exits, and is killed if it doesn't", async () => {
    const took = await app.evaluate(async (_electron, file) => {
      const start = () =>
        startWorker({ file: { path: file, device: '1', inode: '1', owner: '0' }, created: false, memoryBytes: 1 })
      const willing = start()
      await new Promise<void>((resolve) => {
        willing.listen(() => resolve())
      })
      await willing.close()
      const deaf = start()
      await new Promise<void>((resolve) => {
        deaf.listen(() => resolve())
      })
      deaf.post({ kind: 'end' })
      const before = Date.now()
      await deaf.close()
      return Date.now() - before
    }, path)
    expect(readFileSync(path, 'utf8')).toBe('closed')
    expect(took).toBeGreaterThan(1500)
  })

  test('carries bytes in both directions', async () => {
    const bytes = await app.evaluate(async (_electron, file) => {
      const worker = startWorker({
        file: { path: file, device: '1', inode: '1', owner: '0' },
        created: false,
        memoryBytes: 1,
      })
      const heard = new Promise<number[]>((resolve) => {
        worker.listen((message) => {
          if (message.kind === 'chunk') resolve([...message.bytes])
        })
      })
      worker.post({ kind: 'bytes', bytes: new Uint8Array([0, 255, 7]) })
      const answer = await heard
      worker.kill()
      return answer
    }, path)
    expect(bytes).toEqual([0, 255, 7])
  })

  test('exits with the app', async () => {
    const pid = await app.evaluate(
      (_electron, file) =>
        new Promise<number>((resolve) => {
          const worker = startWorker({
            file: { path: file, device: '1', inode: '1', owner: '0' },
            created: false,
            memoryBytes: 1,
          })
          worker.listen((message) => {
            if (message.kind !== 'done') return
            worker.post({ kind: 'end' })
            resolve((JSON.parse(message.data) as { pid: number }).pid)
          })
        }),
      path,
    )
    expect(isAlive(pid)).toBe(true)
    app.process().kill('SIGKILL')
    await until('the worker has ended', () => !isAlive(pid))
    expect(existsSync(folder)).toBe(true)
  })
})

/** A zombie process counts as ended too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
