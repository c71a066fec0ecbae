import { spawn, spawnSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { listPackage } from '@electron/asar'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFuses, programIn } from '../../scripts/check-fuses.ts'
import { missingDesktop, startHeadlessEngine } from '../support/desktop-app.ts'
import { until } from '../support/until.ts'

const lack = missingDesktop()
const ROOT = join(import.meta.dirname, '../..')
const unpackedName = 'linux-unpacked'

describe.skipIf(lack !== null || process.platform !== 'linux')(
  `the package${lack === null ? '' : ` (left out: ${lack})`}`,
  () => {
    let output = ''
    let folder = ''
    beforeAll(() => {
      output = mkdtempSync(join(tmpdir(), 'hallpass-package-'))
      folder = join(output, unpackedName)
      const made = spawnSync(
        process.execPath,
        [join(ROOT, 'scripts/package.ts'), '--linux', 'dir', `--config.directories.output=${output}`],
        { cwd: ROOT, encoding: 'utf8' },
      )
      if (made.status !== 0) throw new Error(`${made.stdout}\n${made.stderr}`)
    })
    afterAll(() => rmSync(output, { recursive: true, force: true }))

    const start = (args: string[], environment: Record<string, string>) =>
      spawn(programIn(folder), ['--no-sandbox', ...args], {
        env: {
          ...process.env,
          HOME: output,
          XDG_CONFIG_HOME: join(output, 'config'),
          HALLPASS_HOME: join(output, 'home'),
          ...environment,
        },
      })

    it('has the required fuses, read back from its executable', async () => {
      expect(await checkFuses(folder)).toEqual([])
    })

    it('does not run as plain Node when asked to', async () => {
      const child = start(['-e', 'process.stdout.write("plain node")'], { ELECTRON_RUN_AS_NODE: '1' })
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
      await startedOrEnded(child, output)
      await ended(child)
      expect(said).not.toContain('plain node')
    })

    it('loads no code and opens no debugger named in its environment or arguments', async () => {
      const planted = join(output, 'planted.cjs')
      writeFileSync(planted, 'process.stderr.write("planted code ran")')
      const child = start(['--inspect=0', '--inspect-brk=0'], { NODE_OPTIONS: `--require ${planted}` })
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
      await startedOrEnded(child, output)
      await ended(child)
      expect(said).not.toContain('planted code ran')
      expect(said).not.toContain('Debugger listening')
    })

    it('contains the bundles, screens, icons and native modules, and nothing else', () => {
      const files = listPackage(join(folder, 'resources/app.asar'), { isPack: false })
      const tops = new Set(files.map((file) => file.split('/')[1]))
      expect([...tops].toSorted()).toEqual(['assets', 'dist', 'node_modules', 'package.json'])
      const packages = new Set(
        files.filter((file) => file.startsWith('/node_modules/')).map((file) => file.split('/')[2]),
      )
      expect([...packages].toSorted()).toEqual(['better-sqlite3', 'keytar'])
      expect(files.filter((file) => /\.(map|ts)$/.test(file))).toEqual([])
      for (const wanted of [
        '/dist/desktop/main.cjs',
        '/dist/desktop/preload.cjs',
        '/dist/engine.js',
        '/dist/command-line.js',
        '/dist/sql-worker.js',
        '/dist/renderer/index.html',
      ]) {
        expect(files).toContain(wanted)
      }
      // Native parts cannot be loaded from inside the archive.
      expect(readdirSync(join(folder, 'resources/app.asar.unpacked/node_modules')).toSorted()).toEqual([
        'better-sqlite3',
        'keytar',
      ])
    })

    const spoken = async (...words: string[]) => {
      const child = start(words, {})
      const [out, err, code] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        new Promise((resolve) => {
          child.once('exit', resolve)
        }),
      ])
      return { out, err, code }
    }

    it('reports an unknown command and opens no window', async () => {
      const { out, err, code } = await spoken('stats')
      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(/^hallpass: Unknown command "stats"\./m)
    })

    it('works as the command line where its Node can run, and otherwise says why not', async () => {
      const { out, err, code } = await spoken('status')
      expect([code, out]).toEqual([1, ''])
      expect(err).toMatch(/^hallpass: (The command line needs Node|The Hallpass engine isn't running)/m)
    })

    it('starts, attaches to a running engine, and leaves it running on quit', async () => {
      const home = join(output, 'home')
      const engine = await startHeadlessEngine(home)
      try {
        const child = start([], {})
        await startedOrEnded(child, output)
        expect(child.exitCode).toBeNull()
        await ended(child)
        expect((await engine.control.api.status()).paused).toBe(false)
      } finally {
        await engine.kill()
      }
    })
  },
)

/** Resolves once the app has taken its data folder, which is the first thing that it does, or ended without it. */
function startedOrEnded(child: ReturnType<typeof spawn>, output: string): Promise<void> {
  const lock = join(output, 'home/desktop/SingletonLock')
  const isTaken = (): boolean => lstatSync(lock, { throwIfNoEntry: false }) !== undefined
  return until('the app has started or ended', () => child.exitCode !== null || child.signalCode !== null || isTaken())
}

async function ended(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 8000)
  await gone
  clearTimeout(late)
}
