import { resolve } from 'node:path'
import envPaths from 'env-paths'

/** The data folder: `HALLPASS_HOME`, else the OS's own place for data of this user. Absolute. */
export function dataFolder(environment: NodeJS.ProcessEnv): string {
  const named = environment['HALLPASS_HOME']
  return named === undefined || named === '' ? envPaths('hallpass', { suffix: '' }).data : resolve(named)
}
