import { randomUUID } from 'node:crypto'
import { asHallpassError } from '../../contract/errors.ts'
import type { ChangeTopic } from '../../contract/owner-api.ts'
import type { OwnerChange } from '../../contract/request-details.ts'
import { changeBetween, type Fields } from './changes/owner-change.ts'
import type { CallOpener } from '../calls/open-call.ts'
import type { RequestLog, RequestOutcome } from '../log/request-log.ts'

export interface ActionSubject {
  project?: string | null
  connection?: string | null
  resource?: string | null
  /** Returns what the action can change, before and after it. Null if it doesn't exist at that time. */
  fields?: (moment: 'before' | 'after') => Fields | null
}

/** Topics that each action may change, besides those that the access module announces. */
const TOPICS = {
  pause: ['state'],
  resume: ['state'],
  stop: [],
  backUp: [],
  'settings.update': ['settings', 'state'],
  'settings.rebind': ['state', 'attention'],
  'projects.create': ['projects'],
  'projects.update': ['projects'],
  'projects.rename': ['projects', 'connections', 'tokens', 'sessions'],
  'projects.delete': ['projects', 'connections', 'tokens', 'sessions'],
  'connections.create': ['connections', 'projects', 'health'],
  'connections.update': ['connections', 'projects', 'tokens', 'sessions', 'health'],
  'connections.replaceSecret': ['connections', 'health'],
  'connections.rename': ['connections', 'projects', 'tokens', 'sessions', 'health'],
  'connections.delete': ['connections', 'projects', 'tokens', 'sessions'],
  'connections.include': ['connections', 'projects'],
  'connections.acceptTools': ['connections', 'attention'],
  'connections.rejectTools': ['connections', 'attention'],
  'connections.undoReview': ['connections', 'attention'],
  'connections.setToolsEnabled': ['connections'],
  'connections.refreshTools': ['connections', 'health'],
  'connections.refreshOpenapi': ['connections'],
  'connections.setToolPermission': ['connections'],
  'connections.signIn': [],
  'connections.exclude': ['connections', 'projects', 'tokens', 'sessions'],
  'tokens.create': ['tokens', 'projects'],
  'tokens.rotate': ['tokens', 'sessions'],
  'tokens.extend': ['tokens'],
  'tokens.update': ['tokens', 'sessions', 'projects'],
  'tokens.rename': ['tokens', 'sessions'],
  'tokens.revoke': ['tokens', 'sessions', 'projects'],
  'tokens.delete': ['tokens', 'sessions', 'projects'],
  'sessions.mint': ['sessions'],
  'sessions.revoke': ['sessions'],
  'sessions.revokeAll': ['sessions'],
  'approvals.decide': ['approvals'],
  'attention.snooze': ['attention'],
  'attention.wake': ['attention'],
  'views.save': ['views'],
  'views.delete': ['views'],
  'presets.save': ['presets'],
  'presets.delete': ['presets'],
  'clients.connect': ['clients', 'attention'],
  'clients.disconnect': ['clients', 'attention'],
  'clients.restore': ['clients', 'attention'],
  'configuration.apply': ['settings', 'projects', 'connections', 'health', 'tokens', 'sessions', 'state'],
  'console.signInLink': [],
  'console.signOutAll': [],
} as const satisfies Record<string, readonly ChangeTopic[]>

export type ActionName = keyof typeof TOPICS
export const OWNER_ACTIONS = Object.keys(TOPICS) as ActionName[]

export interface OwnerActions {
  /** Runs an action that grants or changes something. Its log row is opened first, and without a row it doesn't run. */
  change<T>(method: ActionName, subject: ActionSubject, action: () => T | Promise<T>): Promise<T>
  /**
   * Runs an action that only removes access. It runs even while the log can't be written, because rejecting it would
   * leave more open.
   */
  runRevocation<T>(method: ActionName, subject: ActionSubject, action: () => T | Promise<T>): Promise<T>
}

export function createOwnerActions(
  opener: Pick<CallOpener, 'openRow'>,
  log: Pick<RequestLog, 'rejected'>,
  announce: (topics: readonly ChangeTopic[]) => void,
): OwnerActions {
  function opening(method: string, { fields: _fields, ...subject }: ActionSubject) {
    return { request_id: randomUUID(), transport: 'control' as const, token_kind: 'owner' as const, method, ...subject }
  }

  async function run<T>(action: () => T | Promise<T>, done: (outcome: RequestOutcome) => void): Promise<T> {
    try {
      const result = await action()
      done({ status: 200 })
      return result
    } catch (thrown) {
      const { status, code } = asHallpassError(thrown, '')
      done({ status, code })
      throw thrown
    }
  }

  return {
    change(method, subject, action) {
      return run(
        async () => {
          const row = opener.openRow(opening(method, subject))
          const changed = changeOf(subject)
          return run(action, (outcome) => row.close({ ...outcome, change: changed(outcome) }))
        },
        () => announce(TOPICS[method]),
      )
    },
    runRevocation(method, subject, action) {
      const changed = changeOf(subject)
      return run(action, (outcome) => {
        // A failed action may have completed partly.
        announce(TOPICS[method])
        log.rejected(opening(method, subject), { ...outcome, change: changed(outcome) })
      })
    },
  }
}

/** Reads what an action can change. Returns a function that returns what changed, once the action is done. */
function changeOf({ fields }: ActionSubject): (outcome: RequestOutcome) => OwnerChange | null {
  // What changed is only for the log: if it can't be read, the action runs all the same.
  const read = (moment: 'before' | 'after'): { fields: Fields | null } | null => {
    try {
      return fields === undefined ? null : { fields: fields(moment) }
    } catch {
      return null
    }
  }
  const before = read('before')
  return ({ status }) => {
    const after = status === 200 ? read('after') : null
    return before === null || after === null ? null : changeBetween(before.fields, after.fields)
  }
}
