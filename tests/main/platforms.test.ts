import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { secretFormats, withSecretText } from '../../src/main/clipboard/secret-text.ts'
import { isPassingCopy } from '../../src/main/command-line/own-program.ts'
import { adoptLoginShellPath } from '../../src/main/login-shell-environment.ts'
import { isPanelDark } from '../../src/main/tray/create-tray.ts'
import { followInDock, hideWindow } from '../../src/main/window/create-main-window.ts'

describe('the icon in the Windows taskbar', () => {
  test('suits the taskbar, whatever theme apps or Hallpass have', () => {
    const theme = { shouldUseDarkColors: false, shouldUseDarkColorsForSystemIntegratedUI: true }
    expect(isPanelDark('win32', theme)).toBe(true)
    expect(isPanelDark('linux', theme)).toBe(false)
  })

  test('follows the app theme on a version of Electron that does not know the taskbar', () => {
    expect(isPanelDark('win32', { shouldUseDarkColors: true })).toBe(true)
  })
})

describe('a copied token', () => {
  test.each([
    ['win32', 'CanIncludeInClipboardHistory'],
    ['win32', 'CanUploadToCloudClipboard'],
    ['win32', 'ExcludeClipboardContentFromMonitorProcessing'],
    ['darwin', 'org.nspasteboard.ConcealedType'],
    ['linux', 'x-kde-passwordManagerHint'],
  ] as const)('stays out of the clipboard history on %s: %s', (platform, mark) => {
    const formats = secretFormats('sess_x', platform)
    expect(formats['text/plain']).toBe('sess_x')
    expect(Object.keys(formats)).toContain(`electron application/osclipboard;format="${mark}"`)
  })

  test("is copied as plain text if the marks can't be written", async () => {
    const written: string[] = []
    const clipboard = {
      readText: () => '',
      clear() {},
      writeText: (text: string) => void written.push(text),
      write: () => Promise.reject(new Error('unknown format')),
    }
    class Item {
      readonly types: string[]
      constructor(items: Record<string, string | Blob>) {
        this.types = Object.keys(items)
      }
    }
    await withSecretText(clipboard, 'win32', Item).writeText('one')
    await withSecretText(clipboard, 'win32', undefined).writeText('two')
    expect(written).toEqual(['one', 'two'])
  })
})

describe('on macOS', () => {
  test.each([
    ['/private/var/folders/x/AppTranslocation/1/d/Hallpass.app/Contents/MacOS/Hallpass', true],
    ['/Volumes/Hallpass/Hallpass.app/Contents/MacOS/Hallpass', true],
    ['/Applications/Hallpass.app/Contents/MacOS/Hallpass', false],
  ])('%s is removed: %s', (path, passing) => {
    expect(isPassingCopy('darwin', path)).toBe(passing)
    expect(isPassingCopy('linux', path)).toBe(false)
  })

  test('the Dock icon is visible while a window is open', () => {
    const window = new EventEmitter()
    const said: string[] = []
    followInDock(window as never, { show: async () => void said.push('show'), hide: () => void said.push('hide') })
    window.emit('show')
    window.emit('hide')
    window.emit('show')
    window.emit('closed')
    expect(said).toEqual(['show', 'hide', 'show', 'hide'])
  })

  test('a window leaves full screen before it hides', () => {
    const events: string[] = []
    let onLeave = (): void => {}
    const window = {
      isFullScreen: () => true,
      setFullScreen: (on: boolean) => void events.push(`full screen ${on}`),
      hide: () => void events.push('hide'),
      once: (_event: string, listener: () => void) => void (onLeave = listener),
    }
    hideWindow(window as never)
    expect(events).toEqual(['full screen false'])
    onLeave()
    expect(events).toEqual(['full screen false', 'hide'])
  })

  const read = async (): Promise<string> => '/opt/homebrew/bin:/usr/bin'

  test('an app started from the Dock finds the programs of the login shell', async () => {
    const environment: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin' }
    await adoptLoginShellPath({ platform: 'darwin', packaged: true, environment, read })
    expect(environment['PATH']).toBe('/usr/bin:/bin:/opt/homebrew/bin')
  })

  test.each([
    ['other systems', { platform: 'linux', packaged: true, term: undefined }],
    ['an app run from source', { platform: 'darwin', packaged: false, term: undefined }],
    ['an app started in a terminal', { platform: 'darwin', packaged: true, term: 'xterm' }],
  ] as const)('the PATH is unchanged for %s', async (_what, { platform, packaged, term }) => {
    const environment: NodeJS.ProcessEnv = { PATH: '/usr/bin', ...(term === undefined ? {} : { TERM: term }) }
    await adoptLoginShellPath({ platform, packaged, environment, read })
    expect(environment['PATH']).toBe('/usr/bin')
  })
})
