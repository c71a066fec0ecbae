import { resolve } from 'node:path'
import envPaths from 'env-paths'

/**
 * Returns the absolute path of the data folder: `HALLPASS_HOME`, or the system's folder for this user's application
 * data.
 */
export function dataFolder(environment: NodeJS.ProcessEnv): string {
  const named = environment['HALLPASS_HOME']
  return named === undefined || named === '' ? envPaths('hallpass', { suffix: '' }).data : resolve(named)
}
