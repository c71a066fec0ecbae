import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { windowsProgram } from '../../../platform/windows-programs.ts'
import { MARKER } from './launch-environment.ts'

const run = promisify(execFile)

interface RunningProcess {
  pid: number
  parent: number
  group: number
}

/** Returns all processes of the machine that can be seen; none on Windows, where taskkill walks the tree itself. */
async function listProcesses(): Promise<RunningProcess[]> {
  if (process.platform === 'win32') return []
  if (process.platform === 'linux') return listFromProc()
  const { stdout } = await run('/bin/ps', ['-axo', 'pid=,ppid=,pgid='], { maxBuffer: 16 * 1024 * 1024 })
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, group] = line.trim().split(/\s+/).map(Number)
    return pid === undefined || parent === undefined || group === undefined ? [] : [{ pid, parent, group }]
  })
}

async function listFromProc(): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const fields = await statFields(pid)
      return fields === null ? [] : [{ pid, parent: Number(fields[1]), group: Number(fields[2]) }]
    }),
  )
  return found.flat()
}

/**
 * Returns `/proc/PID/stat` from the third field on. The second field is the program's name, which can contain spaces
 * and brackets.
 */
async function statFields(pid: number): Promise<string[] | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/**
 * Returns a value that distinguishes a process from a later one with the same ID, or null if it doesn't exist or is a
 * zombie.
 */
export async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const fields = await statFields(pid)
    return fields === null || fields[0] === 'Z' ? null : (fields[19] ?? null)
  }
  const [file, ...args] = startQuery(pid, process.platform)
  const { stdout } = await run(file, args, { env: startQueryEnvironment(process.env), windowsHide: true }).catch(
    () => ({
      stdout: '',
    }),
  )
  return stdout.trim() === '' ? null : stdout.trim()
}

/** Returns the command that prints when a process started. */
export function startQuery(pid: number, platform: NodeJS.Platform): [file: string, ...words: string[]] {
  if (platform !== 'win32') return ['/bin/ps', '-o', 'lstart=', '-p', String(pid)]
  // Uses UTC, because a laptop's time zone can change before the next start reads the ledger.
  const script = `(Get-Process -Id ${pid} -ErrorAction SilentlyContinue).StartTime.ToUniversalTime().Ticks`
  return [windowsProgram('powershell'), '-NoProfile', '-NonInteractive', '-Command', script]
}

/**
 * `ps` prints local time in the user's language, so the same process would look different after a change of time zone.
 */
export function startQueryEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, TZ: 'UTC', LC_ALL: 'C' }
}

/**
 * Returns processes with the marker in their environment, including those that left their group and parent. Only Linux
 * shows environments.
 */
export async function markedProcesses(marker: string): Promise<number[]> {
  if (process.platform !== 'linux') return []
  const wanted = `${MARKER}=${marker}`
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (pid === process.pid) return []
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
      return environment.split('\0').includes(wanted) ? [pid] : []
    }),
  )
  return found.flat()
}

/** Returns the process, its group, all descendants, and every process with the marker. */
export async function treeOf(root: number, marker: string): Promise<Set<number>> {
  const [processes, marked] = await Promise.all([listProcesses(), markedProcesses(marker)])
  const tree = new Set([
    ...processes.filter((one) => one.pid === root || one.group === root).map((one) => one.pid),
    ...marked,
  ])
  for (let grown = true; grown;) {
    grown = false
    for (const one of processes) {
      if (!tree.has(one.parent) || tree.has(one.pid) || one.pid === process.pid) continue
      tree.add(one.pid)
      grown = true
    }
  }
  return tree
}
