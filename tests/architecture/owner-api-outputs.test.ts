import { getEventIteratorSchemaDetails, isContractProcedure, type AnySchema } from '@orpc/contract'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ownerApi } from '../../src/contract/owner-api.ts'

/** Those that show a new token, once. */
const SHOWN_ONCE = [
  'tokens.create: secret',
  'tokens.rotate: secret',
  'sessions.mint: token',
  'configuration.apply: new_tokens.[].secret',
]
/** Locations of secrets, names and hashes of tokens, and names of connections: never a secret. */
const NAMES_ONLY = [
  /^connections\.\w+: (\[\]\.|connection\.)?(secret|secret_set_at)$/,
  /^connections\.(update|previewUpdate): (effects\.)?secret_needed$/,
  /^connections\.config: auth\.token_url$/,
  /^connections\.access: \[\]\.token$/,
  /^(requests\.\w+|tokens\.history): (rows\.)?(\[\]\.)?(last\.)?(token|token_kind|token_hash|token_state|token_prefix)$/,
  /^tokens\.(create|rotate|update): token$/,
  /^configuration\.export: configuration\.connections\.\*\.(secret|auth\.token_url)$/,
  // The path of a file.
  /^(settings\.(get|update)|configuration\.export): (configuration\.settings\.)?tls\.key$/,
  /^configuration\.apply: (new_tokens|missing_secrets|moved_secrets)$/,
  /^approvals\.list: \[\]\.token$/,
  /^clients\.(list|connect|disconnect|restore): (\[\]\.)?token$/,
  /^clients\.toolsShown: (all|search|alone)\.context_tokens$/,
  /^attention\.list: \[\]\.subject\.token$/,
  /: (\S+\.)?(secret_store|secret_store_kind|secret_store_ok|tokens|tokens_active)$/,
]
const TELLING = /secret|token|password|passphrase|credential|authorization|cookie|bearer|api_?key|(^|_)key$/i

type Node = {
  properties?: Record<string, Node>
  additionalProperties?: Node | boolean
  items?: Node | Node[]
  anyOf?: Node[]
  oneOf?: Node[]
  allOf?: Node[]
  $ref?: string
}

function* keysOf(node: Node, path: string): Generator<string> {
  for (const [key, below] of Object.entries(node.properties ?? {})) {
    yield `${path}${key}`
    yield* keysOf(below, `${path}${key}.`)
  }
  if (typeof node.additionalProperties === 'object') yield* keysOf(node.additionalProperties, `${path}*.`)
  for (const item of [node.items ?? []].flat()) yield* keysOf(item, `${path}[].`)
  for (const option of [node.anyOf ?? [], node.oneOf ?? [], node.allOf ?? []].flat()) yield* keysOf(option, path)
}

function* procedures(part: unknown, path: string[] = []): Generator<{ name: string; output: unknown }> {
  if (isContractProcedure(part)) {
    yield { name: path.join('.'), output: part['~orpc'].outputSchema }
    return
  }
  for (const [key, below] of Object.entries(part as object)) yield* procedures(below, [...path, key])
}

/** Live data is described by a schema of its own kind, with the schema of each event inside. */
function jsonSchemaOf(given: unknown): Node | null {
  const output = getEventIteratorSchemaDetails(given as AnySchema | undefined)?.yields ?? given
  return output instanceof z.ZodType ? (z.toJSONSchema(output, { unrepresentable: 'any' }) as Node) : null
}

const all = [...procedures(ownerApi)]

test('every call of the owner API declares its output', () => {
  expect(all.length).toBeGreaterThan(20)
  expect(all.filter(({ output }) => jsonSchemaOf(output) === null).map(({ name }) => name)).toEqual([])
})

test('no output of the owner API can contain a secret, except those that show a new token once', () => {
  const telling = all
    .flatMap(({ name, output }) => [...keysOf(jsonSchemaOf(output) ?? {}, '')].map((key) => ({ name, key })))
    .filter(({ key }) => TELLING.test(key.split('.').at(-1) ?? ''))
    .map(({ name, key }) => `${name}: ${key}`)
  expect(
    telling.filter((found) => !SHOWN_ONCE.includes(found) && !NAMES_ONLY.some((allowed) => allowed.test(found))),
  ).toEqual([])
  // So that a rename does not leave the exception open for something else.
  expect(SHOWN_ONCE.filter((named) => !telling.includes(named))).toEqual([])
})

test('an address, which could contain a code, is returned only by status, minting, sign-ins, the export and settings', () => {
  const urls = all
    .filter(({ output }) => [...keysOf(jsonSchemaOf(output) ?? {}, '')].some((key) => /(^|\.)(\w*_)?url$/.test(key)))
    .map(({ name }) => name)
  expect(urls.toSorted()).toEqual([
    'configuration.export',
    'connections.config',
    'connections.signIn',
    'console.signInLink',
    'sessions.mint',
    // The public URL, which is an origin alone.
    'settings.get',
    'settings.rebind',
    'settings.update',
    'status',
  ])
})
