import { PERMISSIONS, type Permission } from '../contract/grants.ts'
import { usageError } from './errors.ts'
import { commaList } from './options.ts'

export function permissionList(text: string): Permission[] {
  const permissions = commaList(text).map((word) => {
    const permission = PERMISSIONS.find((one) => one === word)
    if (permission === undefined)
      throw usageError(`--permissions: “${word}” is not a permission; give any of ${PERMISSIONS.join(', ')}.`)
    return permission
  })
  if (permissions.length === 0) throw usageError(`--permissions: give any of ${PERMISSIONS.join(', ')}.`)
  return permissions
}
