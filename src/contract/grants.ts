import { z } from 'zod'
import { nameSchema } from './names.ts'

export const PERMISSIONS = ['read', 'write', 'schema'] as const
export type Permission = (typeof PERMISSIONS)[number]
export const permissionSchema = z.enum(PERMISSIONS)

export const ROLES = {
  viewer: ['read'],
  editor: ['read', 'write'],
  admin: ['read', 'write', 'schema'],
} as const satisfies Record<string, readonly Permission[]>
export type Role = keyof typeof ROLES

function narrowing(one: 'table' | 'tool' | 'path') {
  return z.array(z.string().min(1).max(256)).min(1, `choose at least one ${one}, or allow all`)
}

/**
 * Permissions of a token on one connection. A missing list means no limit; a list that is present names everything the
 * token can use. `tools` can contain `*` wildcards. A path ending in `/*` covers whole segments below it.
 */
export const grantSchema = z.strictObject({
  connection: nameSchema,
  permissions: z.array(permissionSchema).min(1),
  tables: narrowing('table').optional(),
  tools: narrowing('tool').optional(),
  paths: narrowing('path').optional(),
})
export type Grant = z.infer<typeof grantSchema>
