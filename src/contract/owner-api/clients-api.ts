import { oc } from '@orpc/contract'
import { z } from 'zod'
import { nameSchema, tokenNameSchema } from '../names.ts'
import { clientPreviewSchema, clientRecordSchema } from '../records.ts'

/** Variables that move a client's folder. */
export const CLIENT_FOLDER_VARIABLES = ['CLAUDE_CONFIG_DIR', 'CODEX_HOME', 'COPILOT_HOME', 'XDG_CONFIG_HOME'] as const
/** They come from the caller's own environment. Without them, the engine's environment counts. */
const callerEnvironment = {
  environment: z.partialRecord(z.enum(CLIENT_FOLDER_VARIABLES), z.string().max(4096)).optional(),
}

const clientChoice = z.strictObject({
  client: z.string().min(1).max(64),
  project: nameSchema,
  token: tokenNameSchema.optional(),
  ...callerEnvironment,
})
const seen = { seen: z.string().max(64).optional() }

export const clientsApi = {
  list: oc.input(z.strictObject({ project: nameSchema, ...callerEnvironment })).output(z.array(clientRecordSchema)),
  preview: oc.input(clientChoice.extend({ act: z.enum(['connect', 'disconnect']) })).output(clientPreviewSchema),
  /** `seen` is the `version` of the preview that was agreed to: a configuration that changed since is not written. */
  connect: oc.input(clientChoice.extend(seen)).output(clientRecordSchema),
  /** The project may be gone already; the token is not looked at. */
  disconnect: oc.input(clientChoice.extend(seen)).output(clientRecordSchema),
}
