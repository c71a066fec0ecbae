import { z } from 'zod'

/** Shared by all kinds that are reached over HTTP. */
export const plainHttpSchema = z
  .boolean()
  .optional()
  .describe('Allows sending the secret to a public address over http://, where anybody on the way could read it')
