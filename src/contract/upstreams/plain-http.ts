import { z } from 'zod'

/** Shared by all kinds with an HTTP URL. */
export const plainHttpSchema = z
  .boolean()
  .optional()
  .describe('Allows sending the secret to a public address over http://, where anybody on the way could read it')
