/** Without these a process of Windows finds neither its system libraries nor a place for SQLite's temporary files. */
const NEEDED_ON_WINDOWS = ['SystemRoot', 'SystemDrive', 'windir', 'TEMP', 'TMP']

/** Node caches compiled code in this folder, so that a worker starts in less than half the time. */
const NEEDED_EVERYWHERE = ['NODE_COMPILE_CACHE']

/** Returns the environment of a SQL worker: only what Node and Windows need, so that it gets no secret. */
export function workerEnvironment(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): Record<string, string> {
  // Not empty elsewhere: Electron takes an empty environment for none given, and the worker would get the app's own.
  const result: Record<string, string> = { NODE_NO_WARNINGS: '1' }
  for (const name of [...NEEDED_EVERYWHERE, ...(platform === 'win32' ? NEEDED_ON_WINDOWS : [])]) {
    // A copy of the environment doesn't ignore the case of names, unlike the system.
    const value = Object.entries(environment).find(([key]) => key.toUpperCase() === name.toUpperCase())?.[1]
    if (value !== undefined) result[name] = value
  }
  return result
}
