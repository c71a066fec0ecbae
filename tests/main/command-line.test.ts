import { describe, expect, test } from 'vitest'
import { programPath } from '../../src/main/command-line/own-program.ts'
import { clientCommand, engineCommand, type RunningApp } from '../../src/main/command-line/relaunch-command.ts'
import { readCommandLine } from '../../src/main/command-line/read-command-line.ts'

const packaged = (...words: string[]) =>
  readCommandLine({
    argv: ['/opt/Hallpass/hallpass-desktop', ...words],
    packaged: true,
    appPath: '/opt/Hallpass/resources/app.asar',
  })
const unpackaged = (...words: string[]) =>
  readCommandLine({ argv: ['/x/electron', ...words], packaged: false, appPath: '/code/hallpass' })

describe('the command line that starts the app', () => {
  test.each([
    [[]],
    [['--hidden']],
    [['--project', 'status']],
    [['--user-data-dir', 'status', 'run']],
    [['hallpass://app/projects/status']],
    [['/home/me/status', 'status']],
    [['./run']],
    [['C:\\status']],
    [['Status']],
    [['--no-sandbox']],
    [['--no-sandbox', 'file.txt']],
    [['--inspect=0', '--hidden']],
    [['']],
  ])('%j runs no command and opens the window', (words) => {
    expect(packaged(...words)).toEqual({ kind: 'window' })
  })

  test.each(['stats', 'std-io', 'start'])('%j is an unknown verb', (word) => {
    expect(packaged(word, 'status')).toEqual({ kind: 'unknown', word })
    expect(packaged('--no-sandbox', word)).toEqual({ kind: 'unknown', word })
  })

  test('arguments before the folder of an unpackaged app are not passed to the app', () => {
    expect(unpackaged('status')).toEqual({ kind: 'window' })
    expect(unpackaged('-r', 'status', '/code/hallpass')).toEqual({ kind: 'window' })
    expect(unpackaged('--no-sandbox', '/code/hallpass', 'status')).toEqual({ kind: 'verb', args: ['status'] })
  })

  test('a verb gets all its arguments unchanged', () => {
    expect(packaged('stdio', '--project', 'status', '--as', 'run')).toEqual({
      kind: 'verb',
      args: ['stdio', '--project', 'status', '--as', 'run'],
    })
    expect(packaged('run', '-p', 'demo', '--', 'sh', '-c', '--')).toMatchObject({
      args: ['run', '-p', 'demo', '--', 'sh', '-c', '--'],
    })
  })

  test('runtime flags may precede a verb, and -- may follow them', () => {
    expect(packaged('--no-sandbox', '--ozone-platform=headless', 'status', '-o', 'json')).toEqual({
      kind: 'verb',
      args: ['status', '-o', 'json'],
    })
    expect(packaged('--', 'create', 'connection', 'files', '--type=mcp')).toMatchObject({
      args: ['create', 'connection', 'files', '--type=mcp'],
    })
  })

  test.each(['--help', '-h', '--version', '-V', 'help'])('%j runs a command', (word) => {
    expect(packaged(word)).toEqual({ kind: 'verb', args: [word] })
  })
})

const app: RunningApp = {
  platform: 'linux',
  environment: { DISPLAY: ':0' },
  execPath: '/opt/Hallpass/hallpass-desktop',
  execArgv: [],
  packaged: true,
  appPath: '/opt/Hallpass/resources/app.asar',
  unsandboxed: false,
}

describe('restarting the app', () => {
  test('ignores an image that belongs to another program', () => {
    expect(
      programPath(
        { APPIMAGE: '/home/me/Editor.AppImage', APPDIR: '/tmp/.mount_Editor' },
        '/opt/Hallpass/hallpass-desktop',
      ),
    ).toBe('/opt/Hallpass/hallpass-desktop')
    expect(
      programPath({ APPIMAGE: '/home/me/Editor.AppImage', APPDIR: '/opt/Hall' }, '/opt/Hallpass/hallpass-desktop'),
    ).toBe('/opt/Hallpass/hallpass-desktop')
    expect(programPath({ APPIMAGE: '/home/me/Editor.AppImage' }, '/x')).toBe('/x')
  })

  test('starts an AppImage by its own file, not by its mounted path', () => {
    expect(
      programPath(
        { APPIMAGE: '/home/me/Hallpass.AppImage', APPDIR: '/tmp/.mount_Hallpa' },
        '/tmp/.mount_Hallpa/hallpass-desktop',
      ),
    ).toBe('/home/me/Hallpass.AppImage')
  })

  test('gives clients no path that disappears with an update or a disk image', () => {
    expect(clientCommand({ ...app, packaged: false })).toBeUndefined()
    expect(
      clientCommand({
        ...app,
        platform: 'darwin',
        execPath: '/private/var/folders/x/AppTranslocation/1/d/Hallpass.app/Contents/MacOS/Hallpass',
      }),
    ).toBeUndefined()
    expect(
      clientCommand({ ...app, platform: 'darwin', execPath: '/Volumes/Hallpass/Hallpass.app/Contents/MacOS/Hallpass' }),
    ).toBeUndefined()
  })

  test('gives clients the program itself, on Linux with a flag for a missing display, whose variables they do not pass on', () => {
    expect(clientCommand(app)).toEqual(['/opt/Hallpass/hallpass-desktop', '--ozone-platform=headless'])
    expect(clientCommand({ ...app, unsandboxed: true })).toEqual([
      '/opt/Hallpass/hallpass-desktop',
      '--no-sandbox',
      '--ozone-platform=headless',
    ])
    const mac = '/Applications/Hallpass.app/Contents/MacOS/Hallpass'
    expect(clientCommand({ ...app, platform: 'darwin', environment: {}, execPath: mac })).toEqual([mac])
    const windows = String.raw`C:\Users\me\AppData\Local\Programs\Hallpass\Hallpass.exe`
    expect(clientCommand({ ...app, platform: 'win32', environment: {}, execPath: windows, unsandboxed: true })).toEqual(
      [windows],
    )
  })

  test('starts the app in the tray for a command that needs an engine, or only an engine if there is no display', () => {
    expect(engineCommand(app)).toEqual(['/opt/Hallpass/hallpass-desktop', '--hidden'])
    expect(engineCommand({ ...app, environment: {} })).toEqual([
      '/opt/Hallpass/hallpass-desktop',
      '--ozone-platform=headless',
      'serve',
      '--detached',
    ])
    expect(engineCommand({ ...app, packaged: false, execPath: '/x/electron', appPath: '/code/hallpass' })).toEqual([
      '/x/electron',
      '/code/hallpass',
      '--hidden',
    ])
  })

  test('reads a start command back as it was meant', () => {
    const headless = engineCommand({ ...app, environment: {}, unsandboxed: true })
    expect(readCommandLine({ argv: headless, packaged: true, appPath: '' })).toEqual({
      kind: 'verb',
      args: ['serve', '--detached'],
    })
    expect(
      readCommandLine({
        argv: [...(clientCommand(app) ?? []), 'stdio', '--project', 'demo'],
        packaged: true,
        appPath: '',
      }),
    ).toMatchObject({ kind: 'verb' })
    expect(readCommandLine({ argv: engineCommand(app), packaged: true, appPath: '' })).toEqual({ kind: 'window' })
  })
})
