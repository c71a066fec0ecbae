import { oc } from '@orpc/contract'
import { z } from 'zod'
import { nameSchema, tokenNameSchema } from '../names.ts'
import { clientPreviewSchema, clientRecordSchema } from '../records.ts'

/** Environment variables that change where a client's folder is. */
export const CLIENT_FOLDER_VARIABLES = ['CLAUDE_CONFIG_DIR', 'CODEX_HOME', 'COPILOT_HOME', 'XDG_CONFIG_HOME'] as const
/** Values from the caller's environment. If omitted, the engine's environment applies. */
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

const toolCount = {
  tools: z.int(),
  context_tokens: z.int().describe("About how much of a model's context they take: a quarter of their characters"),
}

export const clientsApi = {
  list: oc.input(z.strictObject({ project: nameSchema, ...callerEnvironment })).output(z.array(clientRecordSchema)),
  /** Counts the tools that clients of a local token see in each mode. `alone` is null without a single MCP server. */
  toolsShown: oc.input(z.strictObject({ project: nameSchema, token: tokenNameSchema })).output(
    z.object({
      all: z.object(toolCount),
      search: z.object(toolCount),
      alone: z.object({ connection: z.string(), ...toolCount }).nullable(),
    }),
  ),
  preview: oc.input(clientChoice.extend({ act: z.enum(['connect', 'disconnect']) })).output(clientPreviewSchema),
  /**
   * `seen` is the version of the preview that the owner confirmed. If the file has changed since, nothing is written.
   */
  connect: oc.input(clientChoice.extend(seen)).output(clientRecordSchema),
  /** Works for deleted projects too. Doesn't check the token. */
  disconnect: oc.input(clientChoice.extend(seen)).output(clientRecordSchema),
  /**
   * Puts back the entry that the last `connect` replaced. Throws INVALID_REQUEST if the file has changed since, or Hallpass
   * was restarted.
   */
  restore: oc.input(clientChoice.omit({ token: true })).output(clientRecordSchema),
}
