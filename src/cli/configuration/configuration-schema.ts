import { z } from 'zod'
import { configurationSchema } from '../../contract/configuration.ts'

/** The parts of a JSON Schema that lead from a path to the keys known there. */
interface SchemaNode {
  properties?: Record<string, SchemaNode>
  additionalProperties?: SchemaNode | boolean
  items?: SchemaNode
  anyOf?: SchemaNode[]
  oneOf?: SchemaNode[]
  const?: string
}

/** Returns the JSON Schema of configuration files, which editors use to complete and check them. */
export function configurationJsonSchema(): SchemaNode {
  const schema = z.toJSONSchema(configurationSchema, { io: 'input' })
  return { ...schema, title: 'Hallpass configuration' } as unknown as SchemaNode
}

/**
 * Returns the schema of what is at a path of a value, or undefined. Of several kinds of entries, it is the one whose
 * `kind` the value has, unless `choose` is false.
 */
export function schemaAt(
  root: SchemaNode,
  path: readonly (string | number)[],
  value: unknown,
  choose = true,
): SchemaNode | undefined {
  let node: SchemaNode | undefined = root
  let inner: unknown = value
  for (const step of path) {
    node = chosen(node, inner)
    node =
      typeof step === 'number'
        ? node?.items
        : (node?.properties?.[step] ??
          (typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined))
    inner = (inner as Record<string | number, unknown> | null | undefined)?.[step]
  }
  return choose ? chosen(node, inner) : node
}

function chosen(node: SchemaNode | undefined, value: unknown): SchemaNode | undefined {
  const options = node?.oneOf ?? node?.anyOf
  if (options === undefined) return node
  const { kind, type } = (value ?? {}) as { kind?: unknown; type?: unknown }
  const matching = options.find(
    ({ properties }) =>
      (properties?.['kind']?.const !== undefined && properties['kind'].const === kind) ||
      (properties?.['type']?.const !== undefined && properties['type'].const === type),
  )
  return matching ?? options.find(({ properties }) => properties !== undefined)
}
