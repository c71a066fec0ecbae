/** What `npm start` found on this computer. */
export interface StartFacts {
  platform: NodeJS.Platform
  environment: NodeJS.ProcessEnv
  /** Arguments after `npm start --`. */
  args: readonly string[]
  /** True if dist/desktop contains the app. */
  built: boolean
  /** Path of the Electron program, or null. */
  electron: string | null
  /** True if the electron package is installed, can download its program, and hasn't been tried yet. */
  fetchable: boolean
}

/** `sentence` says what was chosen and, if it isn't the usual choice, why. */
export type StartChoice =
  | { interface: 'desktop'; electron: string; args: string[]; sentence: string }
  | { interface: 'fetch'; sentence: string }
  | { interface: 'headless'; args: string[]; sentence: string }

export function chooseInterface(facts: StartFacts): StartChoice {
  const { args, electron } = facts
  const isHeadless = args.includes('--headless')
  const rest = args.filter((arg) => arg !== '--headless')
  const headless = (reason: string): StartChoice => ({
    interface: 'headless',
    args: serveArgs(rest),
    sentence: `Starting without a window (${reason}).`,
  })
  if (isHeadless) return headless('--headless was given')
  if (!hasDisplay(facts)) return headless("no display: DISPLAY and WAYLAND_DISPLAY aren't set")
  if (!facts.built) return headless("the desktop app isn't built")
  if (electron !== null) {
    return {
      interface: 'desktop',
      electron,
      args: rest,
      sentence: 'Starting the desktop app.',
    }
  }
  if (facts.fetchable) {
    return {
      interface: 'fetch',
      sentence: 'Downloading Electron (first start only, up to 2 minutes).',
    }
  }
  return headless("Electron isn't installed; set ELECTRON_OVERRIDE_DIST_PATH to its folder")
}

/** Returns the arguments without those that only Electron understands. */
export function serveArgs(args: readonly string[]): string[] {
  return args.filter((arg) => arg !== '--no-sandbox')
}

function hasDisplay({ platform, environment }: StartFacts): boolean {
  if (platform === 'darwin' || platform === 'win32') return true
  return [environment['DISPLAY'], environment['WAYLAND_DISPLAY']].some((name) => name !== undefined && name !== '')
}

/** Returns the name of the program inside Electron's folder. */
export function electronProgram(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return platform === 'win32' ? 'electron.exe' : 'electron'
}
