import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileMessageOrThrow } from '@lingui/message-utils/compileMessage'
import { describe, expect, test } from 'vitest'
import { CATALOG_FILE, catalogText } from '../../scripts/texts/catalog.ts'
import { loosePlurals, messageKeys, sourcesWithTexts, textsWithoutKey } from '../../scripts/texts/find-texts.ts'

const sources = sourcesWithTexts()

describe('texts of screens, menus, dialogs and notifications', () => {
  test('have a key', () => {
    const found = sources.flatMap(({ path, source }) =>
      textsWithoutKey(path, source).map(({ line, text }) => `${path}:${line} ${text}`),
    )
    expect(found).toEqual([])
  })

  test('contain their plural forms, so that each has a key', () => {
    expect(sources.flatMap(({ path, source }) => loosePlurals(path, source).map((line) => `${path}:${line}`))).toEqual(
      [],
    )
  })

  test('have keys that translators can read and that compile', () => {
    const keys = sources.flatMap(({ path, source }) => messageKeys(path, source))
    expect(keys.length).toBeGreaterThan(1000)
    for (const key of keys) expect(() => compileMessageOrThrow(key), key).not.toThrow()
  })

  test(`are all in ${CATALOG_FILE}, which npm run docs writes`, () => {
    expect(readFileSync(join(import.meta.dirname, '../..', CATALOG_FILE), 'utf8')).toBe(catalogText())
  })
})

describe('the search for texts', () => {
  const found = (source: string): string[] => textsWithoutKey('a.tsx', source).map(({ text }) => text)

  test.each([
    ['text of an element', '<p>Never used</p>', ['Never used']],
    ['a choice in an element', '<p>{a ? "never" : "often"}</p>', ['never', 'often']],
    ['an attribute', '<Button aria-label="Close" className="x y" />', ['Close']],
    ['a choice in an attribute', '<Button title={a === "New one" ? "on" : undefined} />', ['on']],
    ['a template', '<p>{`${n} of ${m}`}</p>', ['{} of {}']],
    ['a text inside a text', '<p>{t`Used ${a ? "now" : t`never`}`}</p>', ['now']],
    ['a menu label', 'const menu = [{ label: "quit", action: { kind: "quit" } }]', ['quit']],
    ['a sentence', 'function f() { return "Enter a name." }', ['Enter a name.']],
    ['a notification', 'notify({ title: "Done", body: `${n} tokens` })', ['Done', '{} tokens']],
  ])('finds %s', (_what, source, expected) => {
    expect(found(source)).toEqual(expected)
  })

  test.each([
    ['texts with a key', '<p title={t`Close`}>{rich`Used ${<b>{name}</b>}`}</p>'],
    ['values', 'if (kind === "Access token") run("read", "tokens.list")'],
    ['code', 'const style = { color: "var(--hp-bad) solid" }; throw new Error("Not a record.")'],
    ['numbers and marks', '<p>{count} › 3</p>'],
  ])('leaves out %s', (_what, source) => {
    expect(found(source)).toEqual([])
  })
})
