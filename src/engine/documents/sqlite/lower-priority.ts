import { constants, setPriority } from 'node:os'

/**
 * Gives a process's processor time to others first, so that endless queries of one token don't slow the queries of others down.
 * Returns whether it did. Most systems let nobody raise a priority again, so the process gets no other work after it.
 */
export function lowerPriority(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW)
    return true
  } catch {
    // It has ended, or the system doesn't allow it. Then the job only has its time limit.
    return false
  }
}
