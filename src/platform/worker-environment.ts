/** Without these a process of Windows finds neither its system libraries nor a place for SQLite's temporary files. */
const NEEDED_ON_WINDOWS = ['SystemRoot', 'SystemDrive', 'windir', 'TEMP', 'TMP']

/** Returns the environment of a SQL worker: nothing of the engine's own, so that no secret gets there, but what Windows itself needs. */
export function workerEnvironment(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): Record<string, string> {
  // Not empty elsewhere: Electron takes an empty environment for none given, and the worker would get the app's own.
  const result: Record<string, string> = { NODE_NO_WARNINGS: '1' }
  if (platform !== 'win32') return result
  for (const name of NEEDED_ON_WINDOWS) {
    // A copy of the environment doesn't ignore the case of names, unlike the system.
    const value = Object.entries(environment).find(([key]) => key.toUpperCase() === name.toUpperCase())?.[1]
    if (value !== undefined) result[name] = value
  }
  return result
}
