import { randomUUID } from 'node:crypto'
import { asHallpassError } from '../../contract/errors.ts'
import type { RequestLog, RequestOutcome } from '../log/request-log.ts'

export interface ActSubject { project?: string | null; connection?: string | null; resource?: string | null }

export interface OwnerActs {
  /** An act that gives or changes something: its row is opened first, and without a row it does not happen. */
  change<T>(method: string, subject: ActSubject, act: () => T | Promise<T>): Promise<T>
  /** An act that only takes rights away: it happens even while the log cannot be written, since refusing it would leave more open. */
  lessen<T>(method: string, subject: ActSubject, act: () => T | Promise<T>): Promise<T>
}

export function createOwnerActs(log: RequestLog): OwnerActs {
  function opening(method: string, subject: ActSubject) {
    return { request_id: randomUUID(), transport: 'control' as const, token_kind: 'owner' as const, method, ...subject }
  }

  async function run<T>(act: () => T | Promise<T>, done: (outcome: RequestOutcome) => void): Promise<T> {
    try {
      const result = await act()
      done({ status: 200 })
      return result
    } catch (thrown) {
      const { status, code } = asHallpassError(thrown, '')
      done({ status, code })
      throw thrown
    }
  }

  return {
    change(method, subject, act) {
      return run(async () => {
        const row = log.open(opening(method, subject))
        return run(act, (outcome) => row.close(outcome))
      }, () => undefined)
    },
    lessen(method, subject, act) {
      return run(act, (outcome) => log.refused(opening(method, subject), outcome))
    },
  }
}
