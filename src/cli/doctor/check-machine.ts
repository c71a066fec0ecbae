import { statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { version } from '../../engine/version.ts'
import { broken, ok, warning, type Finding } from './finding.ts'

const MIN_NODE = 24
const FEW_BYTES = 1024 ** 3
const TOO_FEW_BYTES = 64 * 1024 ** 2
/** Before this version was built. */
const EARLIEST_TIME = Date.UTC(2026, 0, 1)
/** Files that only their owner may read. */
const PRIVATE_FILES = ['', 'hallpass.db', 'vault', 'secrets.sealed', 'log.key', 'run']

/** What the checks need to know of this computer. */
interface Machine {
  home: string
  environment: NodeJS.ProcessEnv
  now: number
  /** Port and listen address that an engine would use. */
  address: { host: string; port: number }
}

/** Checks what doesn't need a running engine. `isRunning` says whether the port is its own. */
export async function checkMachine(machine: Machine, isRunning: boolean): Promise<Finding[]> {
  return [
    nodeVersion(),
    ...dataFolder(machine.home),
    clock(machine.now),
    await disk(machine.home),
    ...proxies(machine.environment),
    ...(isRunning ? [] : [await port(machine.address)]),
  ]
}

function nodeVersion(): Finding {
  const [major = '0'] = process.versions.node.split('.')
  const text = `Hallpass ${version} with Node.js ${process.versions.node}`
  if (Number(major) >= MIN_NODE) return ok('version', text)
  return broken('version', `${text}.`, `Install Node.js ${MIN_NODE} or later`)
}

function dataFolder(home: string): Finding[] {
  const found = statSync(home, { throwIfNoEntry: false })
  if (found === undefined) return [ok('data folder', `${home} is created at the first start`)]
  if (!found.isDirectory()) return [broken('data folder', `${home} isn't a folder.`, 'Set HALLPASS_HOME to a folder')]
  if (process.getuid === undefined) return [ok('data folder', home)]
  if (found.uid !== process.getuid())
    return [broken('data folder', `${home} belongs to another user.`, 'Set HALLPASS_HOME to a folder of yours')]
  const open = PRIVATE_FILES.flatMap((name) => {
    const path = join(home, name)
    const file = statSync(path, { throwIfNoEntry: false })
    return file !== undefined && (file.mode & 0o077) !== 0 ? [path] : []
  })
  if (open.length === 0) return [ok('data folder', `${home} (closed to other users)`)]
  return open.map((path) => broken('data folder', `Other users can access ${path}.`, `chmod go= '${path}'`))
}

function clock(now: number): Finding {
  const text = new Date(now).toISOString()
  if (now >= EARLIEST_TIME) return ok('clock', text)
  return broken('clock', `The clock shows ${text}, so lifetimes of tokens are wrong.`, 'Set the clock of this computer')
}

async function disk(home: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(existing(home))
  const free = bavail * bsize
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free`
  if (free >= FEW_BYTES) return ok('disk', text)
  const next = "Free space on the disk with the data folder. Requests are rejected while they can't be logged"
  return free < TOO_FEW_BYTES ? broken('disk', `Only ${text}.`, next) : warning('disk', `Only ${text}.`, next)
}

function existing(folder: string): string {
  return statSync(folder, { throwIfNoEntry: false }) === undefined && dirname(folder) !== folder
    ? existing(dirname(folder))
    : folder
}

/** A proxy that also gets requests to this computer makes scripts fail, or shows their tokens to the proxy. */
function proxies(environment: NodeJS.ProcessEnv): Finding[] {
  const used = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].find((name) => (environment[name] ?? '') !== '')
  if (used === undefined) return [ok('proxy', 'No HTTP proxy is set in this terminal')]
  const excluded = (environment['NO_PROXY'] ?? environment['no_proxy'] ?? '').split(/[\s,]+/)
  if (excluded.includes('*') || excluded.includes('127.0.0.1')) return [ok('proxy', `${used} excludes 127.0.0.1`)]
  return [
    warning(
      'proxy',
      `${used} is set, and NO_PROXY doesn't exclude 127.0.0.1, so programs may send their tokens to the proxy.`,
      'Set NO_PROXY=localhost,127.0.0.1',
    ),
  ]
}

async function port({ host, port: number }: Machine['address']): Promise<Finding> {
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen(number, host, () => server.close(() => resolve(null)))
  }).catch((thrown: NodeJS.ErrnoException) => thrown)
  if (error === null) return ok('port', `${host}:${number} is free`)
  const next =
    error.code === 'EADDRINUSE'
      ? 'Stop the program that uses it, or choose another port: HALLPASS_PORT=7718 hallpass serve'
      : 'Choose another address or port with HALLPASS_HOST and HALLPASS_PORT'
  return broken('port', `Hallpass can't listen on ${host}:${number} (${error.code ?? error.message}).`, next)
}
