import { expect, test } from 'vitest'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole } from '../support/console-browser.ts'
import { PSEUDO_LETTER, pseudoLanguage } from '../support/pseudo-language.ts'
import { visibleTexts } from './support/visible-texts.ts'

const SCREENS = [
  '/overview',
  '/attention',
  '/approvals',
  '/activity',
  '/log',
  '/settings',
  '/welcome',
  '/projects/demo/connections',
  '/projects/demo/connections/sales',
  '/projects/demo/connections/sales?tab=access',
  '/projects/demo/connections/sales?tab=settings',
  '/projects/demo/tokens',
  '/projects/demo/tokens/new',
  '/projects/demo/tokens/local-agent',
  '/projects/demo/connect',
  '/projects/demo/log',
]
/** Names of the sample project, permissions, measures, addresses and what the engine says are the same in every language. */
const NOT_TRANSLATED = new RegExp(
  [
    String.raw`\b(?:Hallpass|demo|sales|local-agent|read|write|schema)\b`,
    String.raw`\b\d[\d.]* ?(?:ms|s|kB|KiB|MiB|GiB|B)\b`,
    String.raw`https?://\S+`,
    String.raw`encrypted vault file \(HALLPASS_VAULT_KEY\)`,
  ].join('|'),
  'gi',
)
const SIZES = [
  [1100, 720],
  [900, 600],
  [550, 360],
  [450, 300],
] as const

test.skipIf(missingBrowser() !== null)('RU7 every text has a key, and a pseudo-language clips none', async () => {
  await using open = await startConsole({ context: {} })
  const { page } = open
  await page.addInitScript((language) => Object.assign(globalThis, { hallpassLanguage: language }), pseudoLanguage())
  const withoutKey = new Map<string, string>()
  const clipped = new Map<string, string>()
  for (const path of SCREENS) {
    await open.goto(path)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height })
      for (const { text, element, cutBy, hasTitle } of await visibleTexts(page)) {
        const where = `${path} at ${width} by ${height}`
        if (PSEUDO_LETTER.test(text)) {
          if (cutBy !== null) clipped.set(`${element} “${text}” by ${cutBy}${hasTitle ? ' (title)' : ''}`, where)
        } else if (/\p{L}{2}/u.test(text.replaceAll(NOT_TRANSLATED, ''))) withoutKey.set(`${element} “${text}”`, where)
      }
    }
  }
  expect([...clipped]).toEqual([])
  expect([...withoutKey]).toEqual([])
})
