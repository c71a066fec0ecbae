import { z } from 'zod'

/** Name of a project or connection: lower case, digits and hyphens, 1–63 characters, starting with a letter or digit. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1–63 characters of a–z, 0–9 and "-", starting with a letter or digit')

/** Name of a token: shown to people and in the log. */
export const tokenNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be 1–63 characters of letters, digits, ".", "_" and "-"')
