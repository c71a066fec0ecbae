import { invalidRequest } from '../../../contract/errors.ts'
import { storedAnswerChars } from '../../access/tokens/access-records.ts'
import { projectFields } from '../changes/changed-fields.ts'
import type { ActionSubject } from '../owner-actions.ts'
import { projectDependents } from '../dependents.ts'
import type { PayloadPeriod, ProjectRow } from '../../store/rows.ts'
import { findProject, nameTaken } from '../find-rows.ts'
import type { OwnerDesk } from '../owner-implementer.ts'
import { passThroughError } from '../pass-through.ts'
import { renameProject } from '../rename-actions.ts'
import { projectRecord } from '../row-records.ts'

export function projectHandlers({ os, parts, actions }: OwnerDesk) {
  const { store, access } = parts
  const recordOf = async (row: ProjectRow) => {
    const tokens = await access.tokens(row.name)
    return projectRecord(store, row, tokens.filter((one) => one.status === 'active').length, parts.clock.now())
  }
  const subject = ({ name, new_name: newName = name }: { name: string; new_name?: string }): ActionSubject => ({
    project: name,
    fields: (moment) => projectFields(parts, moment === 'after' ? newName : name),
  })
  const projectOf = async (name: string) => recordOf(findProject(store, name, 'name'))

  return {
    list: os.projects.list.handler(() => Promise.all(store.read.projects().map(recordOf))),
    get: os.projects.get.handler(({ input }) => projectOf(input.name)),
    create: os.projects.create.handler(({ input }) =>
      actions.change('projects.create', subject(input), () => {
        if (store.read.project(input.name) !== null) nameTaken('project', input.name)
        store.write.createProject(input.name, parts.clock.now())
        return projectOf(input.name)
      }),
    ),
    update: os.projects.update.handler(({ input }) =>
      actions.change('projects.update', subject(input), () => {
        const row = findProject(store, input.name, 'name')
        const { mode, pass_through: passThrough, answer_chars: chars, description, pinned } = input
        const values = {
          mode,
          passThrough,
          answer_chars: chars === undefined ? undefined : storedAnswerChars(chars),
          description,
          pinned,
          payloads: payloadPeriod(input, parts.clock.now()),
        }
        if (!store.write.updateProject(row.id, values)) throw passThroughError(store, input.name, passThrough ?? '')
        return projectOf(input.name)
      }),
    ),
    rename: os.projects.rename.handler(({ input }) =>
      actions.change('projects.rename', subject(input), async () => {
        await renameProject(parts, input)
        return projectOf(input.new_name)
      }),
    ),
    delete: os.projects.delete.handler(({ input }) =>
      actions.runRevocation('projects.delete', subject(input), () => {
        findProject(store, input.name, 'name')
        return access.deleteProject(input.name)
      }),
    ),
    dependents: os.projects.dependents.handler(({ input }) => projectDependents(parts, input.name)),
  }
}

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 7

/** Returns the period that an update asks for, or undefined if it leaves recording alone. */
function payloadPeriod(
  { payloads, payload_days: days }: { payloads?: 'off' | 'on' | undefined; payload_days?: number | undefined },
  now: number,
): PayloadPeriod | undefined {
  if (days !== undefined && payloads !== 'on')
    throw invalidRequest('The number of days counts only when recording is turned on.', 'payload_days')
  if (payloads === undefined) return undefined
  return payloads === 'off' ? null : { since: now, until: now + (days ?? DEFAULT_DAYS) * DAY_MS }
}
