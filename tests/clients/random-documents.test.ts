import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { stringify as stringifyToml } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { stringify as stringifyYaml } from 'yaml'
import { editorOf } from '../../src/engine/clients/config-editors.ts'
import { CANARY, choice, clientDesk } from './support/client-desk.ts'
import { randomJsonc } from './support/random-jsonc.ts'
import { repeats } from '../support/repeats.ts'

const CURSOR = '.cursor/mcp.json'

it('random documents are unchanged byte for byte after connecting and disconnecting, whatever they contain', async () => {
  using desk = clientDesk()
  await fc.assert(
    fc.asyncProperty(randomJsonc(), fc.constantFrom('', '\ufeff'), async (text, mark) => {
      const bytes = Buffer.from(mark + text)
      desk.put(CURSOR, bytes)
      expect((await desk.clients.connect(choice('cursor'))).state).toBe('connected')
      expect(readFileSync(desk.file(CURSOR)).equals(bytes)).toBe(false)
      await desk.clients.disconnect(choice('cursor'))
      expect(readFileSync(desk.file(CURSOR)).equals(bytes)).toBe(true)
    }),
    { numRuns: repeats(20, 40) },
  )
})

it('a preview shows no value of a random document', async () => {
  using desk = clientDesk()
  const secret = fc.constantFrom(`"${CANARY}"`, `["x", "${CANARY}"]`, `{"env":{"K":"${CANARY}"}}`, '90210', '-9.0210e5')
  await fc.assert(
    fc.asyncProperty(randomJsonc(secret), async (text) => {
      desk.put(CURSOR, text)
      const { diff } = await desk.clients.preview(choice('cursor'), 'connect')
      expect(diff).toContain('hp-sales')
      expect(diff).not.toMatch(/canary|0210|note|\/\/ line/)
    }),
    { numRuns: repeats(20, 40) },
  )
})

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/)
const value = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.boolean(),
  fc.string(),
  fc.string().map((one) => `${one}\n[mcp_servers.hp-sales]\n  hp-sales:\n${one}`),
  fc.array(fc.string(), { maxLength: 3 }),
)
const server = fc.dictionary(
  word,
  fc.oneof(value, fc.dictionary(word, fc.string(), { maxKeys: 2, noNullPrototype: true })),
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
)
const servers = fc.dictionary(word, server, { minKeys: 1, maxKeys: 3, noNullPrototype: true })
const ENTRY = { command: '/opt/hallpass', args: ['stdio', '--project', 'sales'], env: { HALLPASS_HOME: '/d' } }

describe.each([
  { format: 'toml' as const, key: 'mcp_servers', write: (data: object) => stringifyToml(data) },
  { format: 'yaml' as const, key: 'extensions', write: (data: object) => stringifyYaml(data) },
])('random $format', ({ format, key, write }) => {
  const editor = editorOf(format)
  const text = fc
    .tuple(
      fc.dictionary(word, value, { maxKeys: 3, noNullPrototype: true }),
      servers,
      fc.dictionary(word, server, { maxKeys: 2, noNullPrototype: true }),
      fc.constantFrom('\n', '\r\n'),
      fc.constantFrom('', '# foot\n', '\n# foot\n\n'),
    )
    .map(([before, own, after, eol, foot]) =>
      (write({ ...before, [key]: own, ...after }) + foot).replaceAll(/\r?\n/g, eol),
    )

  it('is restored without any record of the change, and a preview shows no line of it', () => {
    fc.assert(
      fc.property(text, (original) => {
        const put = editor.put(original, key, 'hp-sales', ENTRY)
        // Without a record of what was there, blank lines at the very end cannot be told from the one that set the entry apart.
        expect(editor.remove(put, key, 'hp-sales').trimEnd()).toBe(original.trimEnd())
        expect(editor.mask(put, key, 'hp-sales', true).replaceAll(/[\s…]/g, '')).toBe(
          editor.put('', key, 'hp-sales', ENTRY).replace(`${key}:\n`, '').replaceAll(/\s/g, ''),
        )
      }),
      { numRuns: repeats(50, 150) },
    )
  })
})
