import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { MARKER } from './launch-environment.ts'

const run = promisify(execFile)

export interface RunningProcess {
  pid: number
  parent: number
  group: number
}

/** All processes of the machine that can be seen; empty on Windows, where taskkill walks the tree itself. */
export async function listProcesses(): Promise<RunningProcess[]> {
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

/** `/proc/PID/stat` from the third field on: the second is the program's name, which may hold spaces and brackets. */
async function statFields(pid: number): Promise<string[] | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** Tells one run of a process id from another; null when there is no such process. A zombie is none. */
export async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const fields = await statFields(pid)
    return fields === null || fields[0] === 'Z' ? null : (fields[19] ?? null)
  }
  if (process.platform === 'win32') {
    const script = `(Get-Process -Id ${pid} -ErrorAction SilentlyContinue).StartTime.Ticks`
    const { stdout } = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]).catch(() => ({
      stdout: '',
    }))
    return stdout.trim() === '' ? null : stdout.trim()
  }
  const { stdout } = await run('/bin/ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout.trim() === '' ? null : stdout.trim()
}

/** Processes that carry the marker in their environment: also those that left group and parent. Linux alone shows environments. */
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

/** The process, its group, all below them, and whatever carries the marker. */
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
