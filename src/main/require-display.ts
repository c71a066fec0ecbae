/** Why no window can open on this machine, or null. */
export function displayLack(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string | null {
  if (platform !== 'linux') return null
  const has = (name: string): boolean => (environment[name] ?? '') !== ''
  if (has('DISPLAY') || has('WAYLAND_DISPLAY')) return null
  return 'Hallpass finds no display to open its window on. Without one, run the engine alone: hallpass serve'
}
