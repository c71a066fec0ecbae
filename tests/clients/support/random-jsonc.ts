import * as fc from 'fast-check'
import { editorOf } from '../../../src/engine/clients/config-editors.ts'

const SCALARS = fc.oneof(
  fc.integer().map(String),
  fc.string().map((one) => JSON.stringify(one)),
  fc.constantFrom('true', 'null', '""', '"//"', '"/*"', '{}', '[ ]', '[1,2]', '{"env":{"K":"v"}}'),
)

/** Documents with comments, trailing commas and odd white space, whose `mcpServers`, if there, is an object. */
export function randomJsonc(scalar: fc.Arbitrary<string> = SCALARS): fc.Arbitrary<string> {
  const space = fc.constantFrom('', ' ', '\n', '\r\n', '\n    ', '\t', ' // note "{,}\n', '/* , } */', '\n// line\n  ')
  const objectText = (value: fc.Arbitrary<string>, keys: string[]) =>
    fc
      .tuple(
        fc.uniqueArray(fc.constantFrom(...keys), { maxLength: 4 }),
        fc.array(fc.tuple(space, space, space, space, value), { minLength: 4, maxLength: 4 }),
        space,
        fc.boolean(),
      )
      .map(([names, parts, end, trailing]) => {
        const members = names.map((name, i) => {
          const [a, b, c, d, one] = parts[i] ?? ['', '', '', '', '1']
          return `${a}${JSON.stringify(name)}${b}:${c}${one}${d}`
        })
        return `{${members.join(',')}${trailing && members.length > 0 ? ',' : ''}${end}}`
      })
  const servers = objectText(scalar, ['a', 'b', 'hallpass-shop', 'é"'])
  return fc
    .tuple(space, objectText(fc.oneof(scalar, servers), ['x', 'mcpServers', 'y', 'servers']), space)
    .map((parts) => parts.join(''))
    .filter((text) => {
      const found = editorOf('jsonc').parse(text)['mcpServers']
      return found === undefined || (typeof found === 'object' && found !== null && !Array.isArray(found))
    })
}
