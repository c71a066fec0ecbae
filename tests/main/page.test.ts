import { describe, expect, test } from 'vitest'
import { applicationMenu } from '../../src/main/application-menu.ts'
import { isDocumentationLink } from '../../src/main/ipc/documentation-links.ts'
import { isPortMessage } from '../../src/main/ipc/port-messages.ts'
import { senderProblem } from '../../src/main/ipc/trusted-sender.ts'
import { contentSecurityPolicy } from '../../src/main/page/content-security-policy.ts'
import { findPageFile } from '../../src/main/page/find-page-file.ts'
import { displayProblem } from '../../src/main/display-problem.ts'
import { openingBounds } from '../../src/main/window/window-bounds.ts'
import { windowOptions } from '../../src/main/window/window-options.ts'

const NAMES = new Set([
  'index.html',
  'assets/index-1a2b.js',
  'assets/index-1a2b.css',
  'assets/index-1a2b.js.map',
  'notes.txt',
])

describe('the files of the page', () => {
  test.each([
    'hallpass://app/../secret.html',
    'hallpass://app/%2e%2e/secret.html',
    'hallpass://app/assets/..%2findex.html',
    'hallpass://app/assets/',
    'hallpass://app//index.html',
    'hallpass://app/Index.html',
    'hallpass://app/index.html?x',
    'hallpass://app/notes.txt',
    'hallpass://app/assets/index-1a2b.js.map',
    'hallpass://app/\\index.html',
    'hallpass://other/index.html',
    'hallpass://app.example/index.html',
    'hallpass://app:1/index.html',
    'hallpass://user@app/index.html',
    'https://app/index.html',
    'file:///index.html',
    '',
    'x',
    'hallpass://app/__proto__',
    'hallpass://app/constructor',
  ])('do not include %s', (address) => {
    expect(findPageFile(address, NAMES)).toBeNull()
  })

  test('are served with their media type', () => {
    expect(findPageFile('hallpass://app/', NAMES)).toEqual({
      name: 'index.html',
      mediaType: 'text/html; charset=utf-8',
    })
    expect(findPageFile('hallpass://app/index.html#/projects/x', NAMES)?.name).toBe('index.html')
    expect(findPageFile('hallpass://app/assets/index-1a2b.js', NAMES)?.mediaType).toBe('text/javascript; charset=utf-8')
    expect(findPageFile('hallpass://app/assets/index-1a2b.css', NAMES)?.mediaType).toBe('text/css; charset=utf-8')
  })
})

test('the policy of the page allows no inline script, eval, foreign origin or network', () => {
  const policy = contentSecurityPolicy('abc')
  expect(policy).not.toMatch(/unsafe|\*|https?:|ws:|blob:/)
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("connect-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("'nonce-abc'")
})

describe('the sender of a message', () => {
  const mainFrame = { url: 'hallpass://app/index.html#/welcome', origin: 'hallpass://app' }
  const sender = { id: 7, mainFrame }

  test('is rejected if it is another window, frame or page', () => {
    expect(senderProblem({ senderFrame: mainFrame, sender }, null)).toBe('not the window of this app')
    expect(senderProblem({ senderFrame: mainFrame, sender }, 8)).toBe('not the window of this app')
    expect(senderProblem({ senderFrame: null, sender }, 7)).toBe('not the main frame')
    expect(senderProblem({ senderFrame: { ...mainFrame }, sender }, 7)).toBe('not the main frame')
    for (const url of [
      'https://app/',
      'hallpass://app.example/',
      'hallpass://other/',
      'about:blank',
      'data:text/html,x',
      'file:///hallpass://app/',
      '',
    ]) {
      const frame = { url, origin: 'hallpass://app' }
      expect(senderProblem({ senderFrame: frame, sender: { id: 7, mainFrame: frame } }, 7), url).toBe(
        "not the app's own page",
      )
    }
    const opaque = { ...mainFrame, origin: 'null' }
    expect(senderProblem({ senderFrame: opaque, sender: { id: 7, mainFrame: opaque } }, 7)).toBe(
      "not the app's own origin",
    )
  })

  test('is accepted if it is our page in our window', () => {
    expect(senderProblem({ senderFrame: mainFrame, sender }, 7)).toBeNull()
    const old = { url: mainFrame.url }
    expect(senderProblem({ senderFrame: old, sender: { id: 7, mainFrame: old } }, 7)).toBeNull()
  })
})

describe('a message on the port', () => {
  test.each([
    undefined,
    null,
    1,
    {},
    new Uint8Array([1]),
    '',
    '{',
    'null',
    '[]',
    '{}',
    '{"i":"1"}',
    '{"i":"1","p":{}}',
    '{"i":"1","p":{"u":"owner/status"}}',
    '{"i":"1","p":{"u":"//example.com/x.y"}}',
    '{"i":"1","p":{"u":"/owner/%2e%2e"}}',
    '{"i":"1","p":{"u":"/owner/status?x"}}',
    '{"i":["1"],"p":{"u":"/a"}}',
    '{"i":"1","t":3,"p":{"e":"message"}}',
    '{"i":"1","t":2,"p":{"u":"/a"}}',
    '{"i":"1","p":{"u":"/a","m":"GET"}}',
    '{"i":"1","p":{"u":"/a","h":{"content-type":"x"}}}',
    '{"i":"1","p":{"u":"/a"},"x":1}',
    `{"i":"${'1'.repeat(65)}","p":{"u":"/a"}}`,
    JSON.stringify({ i: '1', p: { u: '/a', b: 'x'.repeat(1024 * 1024) } }),
  ])('is rejected if it is not a call (%#)', (message) => {
    expect(isPortMessage(message)).toBe(false)
  })

  test('is accepted in the forms that the client writes', () => {
    for (const message of [
      '{"i":"1","p":{"u":"/owner/status","b":{}}}',
      '{"i":"2","p":{"u":"/owner/status"}}',
      '{"i":"1","t":4}',
      '{"i":"3","p":{"u":"/owner/changes/follow","h":{"last-event-id":"5"}}}',
    ]) {
      expect(isPortMessage(message), message).toBe(true)
    }
  })
})

describe('links', () => {
  const bases = ['https://docs.example.org/hallpass/']
  test.each([
    'http://docs.example.org/hallpass/',
    'https://docs.example.org/',
    'https://docs.example.org/hallpass',
    'https://docs.example.org/hallpass/../x',
    'https://docs.example.org.evil.example/hallpass/',
    'https://user:pass@docs.example.org/hallpass/',
    'https://docs.example.org:8443/hallpass/',
    'https://docs.example.org@evil.example/hallpass/',
    'javascript:alert(1)//https://docs.example.org/hallpass/',
    'file:///hallpass/',
    'ms-settings:',
    '',
    'x',
  ])('elsewhere are not opened: %s', (url) => {
    expect(isDocumentationLink(url, bases)).toBe(false)
  })

  test('to the documentation are opened', () => {
    expect(isDocumentationLink('https://docs.example.org/hallpass/guides/start#x', bases)).toBe(true)
    expect(isDocumentationLink('https://docs.example.org/hallpass/', [])).toBe(false)
  })
})

describe('the window', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1080 }

  test('opens at its default size when the stored position is invalid or off screen', () => {
    for (const kept of [
      undefined,
      null,
      'x',
      {},
      { x: 1, y: 1 },
      { x: 1.5, y: 1, width: 1000, height: 700 },
      { x: '1', y: 1, width: 1000, height: 700 },
    ]) {
      expect(openingBounds(kept, [screen])).toEqual({ width: 1100, height: 720 })
    }
    expect(openingBounds({ x: 5000, y: 100, width: 1000, height: 700 }, [screen])).toEqual({ width: 1000, height: 700 })
    expect(openingBounds({ x: 100, y: 1070, width: 1000, height: 700 }, [screen])).toEqual({ width: 1000, height: 700 })
    expect(openingBounds({ x: 100, y: -50, width: 1000, height: 700 }, [screen])).toEqual({ width: 1000, height: 700 })
  })

  test('opens where it was closed, no smaller than the minimum', () => {
    expect(openingBounds({ x: 2000, y: 40, width: 1200, height: 800 }, [screen, { ...screen, x: 1920 }])).toEqual({
      x: 2000,
      y: 40,
      width: 1200,
      height: 800,
    })
    expect(openingBounds({ x: 10, y: 10, width: 300, height: 200 }, [screen])).toEqual({
      x: 10,
      y: 10,
      width: 900,
      height: 600,
    })
  })

  test('of an installed app has no developer tools, and none has Node, webview or spell checker', () => {
    const { webPreferences, show } = windowOptions({ preload: 'p', icon: 'i', dark: true, devTools: false })
    expect(webPreferences).toEqual({
      preload: 'p',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: false,
    })
    expect(show).toBe(false)
  })

  test('has the edit roles in its menu, and those for developers only if it is not installed', () => {
    for (const platform of ['darwin', 'linux', 'win32'] as const) {
      expect(JSON.stringify(applicationMenu(platform, true))).toContain('"editMenu"')
      expect(JSON.stringify(applicationMenu(platform, true))).not.toContain('toggleDevTools')
      expect(JSON.stringify(applicationMenu(platform, false))).toContain('toggleDevTools')
    }
  })
})

test('a missing display is reported on Linux', () => {
  expect(displayProblem('linux', {})).toContain('hallpass serve')
  expect(displayProblem('linux', { DISPLAY: '' })).not.toBeNull()
  expect(displayProblem('linux', { DISPLAY: ':0' })).toBeNull()
  expect(displayProblem('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBeNull()
  expect(displayProblem('darwin', {})).toBeNull()
})
