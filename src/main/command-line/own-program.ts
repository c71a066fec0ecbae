/**
 * The file that starts this program again: of an AppImage the image itself, since what it holds is mounted anew at each start. A program
 * that was started from another AppImage inherits that one's variables.
 */
export function programPath({ APPIMAGE: image = '', APPDIR: mount = '' }: NodeJS.ProcessEnv, execPath: string): string {
  return image !== '' && mount !== '' && execPath.startsWith(`${mount}/`) ? image : execPath
}

/** Returns whether macOS runs the app from a folder that goes away: a disk image, or a random folder for an app that was not moved. */
export function isPassingCopy(platform: NodeJS.Platform, execPath: string): boolean {
  return platform === 'darwin' && (execPath.includes('/AppTranslocation/') || execPath.startsWith('/Volumes/'))
}
