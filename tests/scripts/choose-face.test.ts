import { describe, expect, test } from 'vitest'
import { chooseFace, electronProgram, type StartFacts } from '../../scripts/choose-face.ts'

const ready: StartFacts = {
  platform: 'linux',
  environment: { DISPLAY: ':0' },
  args: [],
  built: true,
  electron: '/opt/electron/electron',
  fetchable: true,
}
const choose = (change: Partial<StartFacts>) => chooseFace({ ...ready, ...change })

describe('npm start', () => {
  test.each<[string, Partial<StartFacts>, RegExp]>([
    ['--headless was given', { args: ['--headless'] }, /--headless/],
    ['there is no display', { environment: {} }, /no display/],
    ['DISPLAY is empty', { environment: { DISPLAY: '', WAYLAND_DISPLAY: '' } }, /no display/],
    ['the app was not built', { built: false }, /not built/],
    ['Electron is not there and cannot be fetched', { electron: null, fetchable: false }, /Electron is not there/],
    ['there is no display, and nothing is fetched for it', { environment: {}, electron: null }, /no display/],
  ])('starts without a window when %s, and says why', (_, change, why) => {
    const choice = choose(change)
    expect(choice.face).toBe('headless')
    expect(choice.sentence).toMatch(why)
    expect(choice.sentence.split('. ')).toHaveLength(1)
  })

  test('starts the desktop app where Electron and a display are there', () => {
    expect(choose({})).toMatchObject({ face: 'desktop', electron: ready.electron, args: [] })
    expect(choose({ environment: { WAYLAND_DISPLAY: 'wayland-0' } }).face).toBe('desktop')
    for (const platform of ['darwin', 'win32'] as const)
      expect(choose({ platform, environment: {} }).face).toBe('desktop')
  })

  test('fetches Electron where only that is missing', () => {
    expect(choose({ electron: null })).toEqual({ face: 'fetch', sentence: expect.stringContaining('fetching it once') })
  })

  test('passes on other arguments, but not its own', () => {
    expect(choose({ args: ['--headless', '--log-mode', 'strict'] })).toMatchObject({ args: ['--log-mode', 'strict'] })
    expect(choose({ args: ['--no-sandbox'] })).toMatchObject({ face: 'desktop', args: ['--no-sandbox'] })
    expect(choose({ environment: {}, args: ['--no-sandbox'] })).toMatchObject({ face: 'headless', args: [] })
  })

  test('knows the name of the program on each system', () => {
    expect((['linux', 'darwin', 'win32'] as const).map(electronProgram)).toEqual([
      'electron',
      'Electron.app/Contents/MacOS/Electron',
      'electron.exe',
    ])
  })
})
