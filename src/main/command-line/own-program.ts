/**
 * Returns the file that starts this program again. For an AppImage that is the image, because its contents are mounted
 * at another path on each start. A program started from another AppImage inherits that image's variables.
 */
export function programPath({ APPIMAGE: image = '', APPDIR: mount = '' }: NodeJS.ProcessEnv, execPath: string): string {
  return image !== '' && mount !== '' && execPath.startsWith(`${mount}/`) ? image : execPath
}

/**
 * Returns whether macOS runs the app from a temporary location: a disk image, or a random folder for an app that was
 * never moved.
 */
export function isPassingCopy(platform: NodeJS.Platform, execPath: string): boolean {
  return platform === 'darwin' && (execPath.includes('/AppTranslocation/') || execPath.startsWith('/Volumes/'))
}
