import { CLIENT_FOLDER_VARIABLES } from '../contract/owner-api/clients-api.ts'

/** Returns the variables of this terminal that move a client's folder. The engine runs with other ones. */
export function callerEnvironment(): Partial<Record<(typeof CLIENT_FOLDER_VARIABLES)[number], string>> {
  return Object.fromEntries(
    CLIENT_FOLDER_VARIABLES.flatMap((name) => {
      const value = process.env[name]
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
}
