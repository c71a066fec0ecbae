import { z } from 'zod'

/** Name of a project or connection: lower case, digits and hyphens, 1–63 characters, starting with a letter or digit. */
export const nameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'must start with a lowercase letter or digit and contain only a–z, 0–9 and hyphens (63 characters at most)',
  )

/** Name of a token: shown to people and in the log. */
export const tokenNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'must start with a letter or digit and contain only letters, digits, ".", "_" and "-" (63 characters at most)',
  )
