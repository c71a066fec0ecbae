import type { Database } from 'better-sqlite3'

/**
 * Returns a function that starts a batch, in which each name is looked up once. Only existing names are counted, because
 * callers can put other names into rejected requests and the tables must not grow that way. Others become ''.
 */
export function knownNames(
  database: Database,
): () => { project(given: string | null): string; connection(given: string | null): string } {
  const hasProject = database.prepare<[string]>('SELECT 1 FROM projects WHERE name = ?')
  const hasConnection = database.prepare<[string]>('SELECT 1 FROM connections WHERE name = ?')

  function lookUp(has: typeof hasProject): (given: string | null) => string {
    const known = new Map<string, string>()
    return (given) => {
      if (given === null || given === '') return ''
      let found = known.get(given)
      if (found === undefined) {
        found = has.get(given) === undefined ? '' : given
        known.set(given, found)
      }
      return found
    }
  }

  return () => ({ project: lookUp(hasProject), connection: lookUp(hasConnection) })
}
