import { constants, setPriority } from 'node:os'
import type { Clock } from '../../clock.ts'
import { workerMessage } from './worker-messages.ts'
import type { WorkerProcess } from './worker-process.ts'

/** Hardly any query takes this long, and the callers of one that does wait anyway. */
const LONG_MS = 1_000

/**
 * Returns a worker whose processor time goes to others first once a job takes long, so that endless queries of one token don't
 * slow the queries of others down. Only for jobs that hold no lock of the file. Most systems let nobody raise a priority again,
 * so the worker is then retired after its job.
 */
export function yieldingWorker(worker: WorkerProcess, clock: Pick<Clock, 'after'>): WorkerProcess {
  let isRetired = false
  let cancelTimer = (): void => {}
  // Its number may belong to another process then.
  void worker.exited.then(() => cancelTimer())
  return {
    ...worker,
    get isRetired() {
      return isRetired
    },
    post(message) {
      if (message.kind === 'job') {
        cancelTimer()
        cancelTimer = clock.after(LONG_MS, () => {
          isRetired = lowerPriority(worker.pid())
        })
      }
      worker.post(message)
    },
    listen(listener) {
      worker.listen((message) => {
        const kind = workerMessage(message)?.kind
        if (kind === 'done' || kind === 'failed') cancelTimer()
        listener(message)
      })
    },
  }
}

function lowerPriority(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW)
    return true
  } catch {
    // It has ended, or the system doesn't allow it. Then the job only has its time limit.
    return false
  }
}
