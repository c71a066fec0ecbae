import type { ChildProcess } from 'node:child_process'

/** Kills a child when this process exits, also after a failure: one that runs on would hold the terminal. */
export function endWithThisProcess(child: ChildProcess): void {
  const kill = (): void => void child.kill()
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
}
