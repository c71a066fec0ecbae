import { readdirSync, readFileSync } from 'node:fs'

/** Returns the microseconds of CPU that a process and its children have used (Linux). `isCounted` excludes children. */
export function cpuMicrosOf(pid: number, isCounted: (commandLine: string) => boolean): number {
  let nanoseconds = 0
  for (const member of treeOf(pid)) {
    if (member !== pid && !isCounted(read(`/proc/${member}/cmdline`))) continue
    for (const thread of list(`/proc/${member}/task`))
      nanoseconds += Number(read(`/proc/${member}/task/${thread}/schedstat`).split(' ')[0])
  }
  return nanoseconds / 1000
}

export function residentBytesOf(pid: number): number {
  return treeOf(pid).reduce((sum, member) => {
    const kilobytes = Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${member}/status`))?.[1] ?? 0)
    return sum + kilobytes * 1024
  }, 0)
}

function treeOf(pid: number): number[] {
  const children = list(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(treeOf)]
}

/** Returns an empty text for a process that ended in the meantime. */
function read(path: string): string {
  return quietly(() => readFileSync(path, 'utf8'), '')
}

function list(path: string): string[] {
  return quietly(() => readdirSync(path), [])
}

function quietly<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return otherwise
    throw error
  }
}
