import { isObject, type JsonObject } from '../../../text/json.ts'
import { pointedAt } from '../document/read-document.ts'

/** Returns true for a parent whose subtypes extend it with allOf, so that it doesn't list them itself. */
export function isDiscriminated(schema: JsonObject): boolean {
  return isObject(schema['discriminator']) && !Array.isArray(schema['oneOf']) && !Array.isArray(schema['anyOf'])
}

/** Finds the component schemas that extend a schema by allOf. */
export function createSubtypes(root: JsonObject): { of(ref: string): readonly string[] } {
  let found: Map<string, string[]> | null = null
  function index(): Map<string, string[]> {
    const byParent = new Map<string, string[]>()
    const schemas = pointedAt(root, '#/components/schemas')
    for (const [name, schema] of Object.entries(isObject(schemas) ? schemas : {}))
      for (const part of isObject(schema) && Array.isArray(schema['allOf']) ? (schema['allOf'] as unknown[]) : []) {
        const ref = isObject(part) ? part['$ref'] : undefined
        if (typeof ref !== 'string') continue
        const own = `#/components/schemas/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
        byParent.set(ref, [...(byParent.get(ref) ?? []), own])
      }
    return byParent
  }
  return { of: (ref) => (found ??= index()).get(ref) ?? [] }
}
