import { expect, test } from 'vitest'
import { cleanText } from '../../src/engine/text/clean-text.ts'

const SESSION = `sess_${'a1-B_'.repeat(9).slice(0, 43)}`
const ACCESS = `hp_pat_${'a1B2c'.repeat(10).slice(0, 49)}`

test.each([SESSION, ACCESS])('removes every part of %s, wherever the text is cut to size', (token) => {
  for (let before = 440; before <= 520; before++) {
    const clean = cleanText(`${'.'.repeat(before)}${token}${'.'.repeat(600)}`)
    expect(clean).not.toContain('a1')
    expect(clean.length).toBeLessThanOrEqual(513)
  }
})

test('keeps a name that only begins like a token', () => {
  expect(cleanText('sess_id')).toBe('sess_id')
})

test.each([
  ['direction', 'inv\u202Eslx.exe'],
  ['isolates', 'a\u2066b\u2069'],
  ['zero width', 'Or\u200Bders'],
  ['tags', `Orders${String.fromCodePoint(0xe0041)}`],
  ['lines', 'a\r\n\u2028b'],
  ['a terminal', '\u001b[2J\u009b'],
])('replaces hidden characters: %s', (_what, text) => {
  expect(cleanText(text)).toMatch(/�/)
  expect(cleanText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
})

test('keeps letters of any script, symbols and emoji', () => {
  for (const text of ['Bestellungen Zürich', '注文', 'طلبات', 'a–b', '📦 €5']) expect(cleanText(text)).toBe(text)
})
