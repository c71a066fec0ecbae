/** Returns why no window can open on this computer, or null. */
export function displayProblem(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string | null {
  if (platform !== 'linux') return null
  const has = (name: string): boolean => (environment[name] ?? '') !== ''
  if (has('DISPLAY') || has('WAYLAND_DISPLAY')) return null
  return 'No display found. To run Hallpass without a window, use hallpass serve'
}
