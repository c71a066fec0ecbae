/** What `npm start` found on this machine. */
export interface StartFacts {
  platform: NodeJS.Platform
  environment: NodeJS.ProcessEnv
  /** What was given after `npm start --`. */
  args: readonly string[]
  /** True when dist/desktop holds the app. */
  built: boolean
  /** Path of the Electron program; null when it is not there. */
  electron: string | null
  /** True when the electron package is installed and could fetch its program, and was not tried yet. */
  fetchable: boolean
}

/** `sentence` says what was chosen and why. */
export type StartChoice =
  | { face: 'desktop'; electron: string; args: string[]; sentence: string }
  | { face: 'fetch'; sentence: string }
  | { face: 'headless'; args: string[]; sentence: string }

export function chooseFace(facts: StartFacts): StartChoice {
  const { args, electron } = facts
  const asked = args.includes('--headless')
  const rest = args.filter((arg) => arg !== '--headless')
  const headless = (reason: string): StartChoice => ({
    face: 'headless',
    args: serveArgs(rest),
    sentence: `Starting without a window: ${reason}.`,
  })
  if (asked) return headless('--headless was given')
  if (!hasDisplay(facts)) return headless('there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)')
  if (!facts.built) return headless('the desktop app was not built')
  if (electron !== null) {
    return {
      face: 'desktop',
      electron,
      args: rest,
      sentence: 'Starting the desktop app: a display and Electron are there.',
    }
  }
  if (facts.fetchable) {
    return {
      face: 'fetch',
      sentence: 'A display is there, but not Electron yet: fetching it once, for two minutes at most.',
    }
  }
  return headless('Electron is not there; ELECTRON_OVERRIDE_DIST_PATH can name its folder')
}

/** Without what is for Electron alone. */
export function serveArgs(args: readonly string[]): string[] {
  return args.filter((arg) => arg !== '--no-sandbox')
}

function hasDisplay({ platform, environment }: StartFacts): boolean {
  if (platform === 'darwin' || platform === 'win32') return true
  return [environment['DISPLAY'], environment['WAYLAND_DISPLAY']].some((name) => name !== undefined && name !== '')
}

/** Name of the program inside Electron's folder. */
export function electronProgram(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return platform === 'win32' ? 'electron.exe' : 'electron'
}
