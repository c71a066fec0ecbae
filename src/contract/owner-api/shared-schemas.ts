import { z } from 'zod'
import { nameSchema, tokenNameSchema } from '../names.ts'

export const nothing = z.object({})
export const named = z.strictObject({ name: nameSchema })
export const tokenAddress = z.strictObject({ project: nameSchema, name: tokenNameSchema })
/** Counts of what a revocation or deletion ended. */
export const ended = z.object({ sessions_ended: z.int(), requests_cut: z.int() })
