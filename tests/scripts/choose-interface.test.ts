import { describe, expect, test } from 'vitest'
import { chooseInterface, electronProgram, type StartFacts } from '../../scripts/choose-interface.ts'

const ready: StartFacts = {
  platform: 'linux',
  environment: { DISPLAY: ':0' },
  args: [],
  built: true,
  electron: '/opt/electron/electron',
  fetchable: true,
}
const choose = (change: Partial<StartFacts>) => chooseInterface({ ...ready, ...change })

describe('npm start', () => {
  test.each<[string, Partial<StartFacts>, RegExp]>([
    ['--headless was given', { args: ['--headless'] }, /--headless/],
    ['there is no display', { environment: {} }, /no display/],
    ['DISPLAY is empty', { environment: { DISPLAY: '', WAYLAND_DISPLAY: '' } }, /no display/],
    ['the app was not built', { built: false }, /isn't built/],
    ["Electron is missing and can't be installed", { electron: null, fetchable: false }, /Electron isn't installed/],
    ['there is no display, and nothing is installed for it', { environment: {}, electron: null }, /no display/],
  ])('starts without a window when %s, and says why', (_, change, why) => {
    const choice = choose(change)
    expect(choice.interface).toBe('headless')
    expect(choice.sentence).toMatch(why)
    expect(choice.sentence.split('. ')).toHaveLength(1)
  })

  test('starts the desktop app if Electron and a display are available', () => {
    expect(choose({})).toMatchObject({ interface: 'desktop', electron: ready.electron, args: [] })
    expect(choose({ environment: { WAYLAND_DISPLAY: 'wayland-0' } }).interface).toBe('desktop')
    for (const platform of ['darwin', 'win32'] as const)
      expect(choose({ platform, environment: {} }).interface).toBe('desktop')
  })

  test('installs Electron if only that is missing', () => {
    expect(choose({ electron: null })).toEqual({
      interface: 'fetch',
      sentence: expect.stringContaining('Downloading Electron'),
    })
  })

  test('passes on other arguments, but not its own', () => {
    expect(choose({ args: ['--headless', '--log-mode', 'strict'] })).toMatchObject({ args: ['--log-mode', 'strict'] })
    expect(choose({ args: ['--no-sandbox'] })).toMatchObject({ interface: 'desktop', args: ['--no-sandbox'] })
    expect(choose({ environment: {}, args: ['--no-sandbox'] })).toMatchObject({ interface: 'headless', args: [] })
  })

  test('finds the name of the executable on each system', () => {
    expect((['linux', 'darwin', 'win32'] as const).map(electronProgram)).toEqual([
      'electron',
      'Electron.app/Contents/MacOS/Electron',
      'electron.exe',
    ])
  })
})
