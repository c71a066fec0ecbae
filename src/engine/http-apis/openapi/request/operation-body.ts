import { essenceOf, isJsonType, isMediaRange, isTextType } from './media-types.ts'
import { propertyName, type ParameterStyle } from './operation-parameters.ts'
import { isObject, type JsonObject } from '../../../text/json.ts'
import { resolved, shownText, textOf } from '../document/read-document.ts'
import type { SchemaConverter } from '../tools/schema-converter.ts'

/** How one field of a form or multipart body is sent. */
export interface BodyField {
  isFile: boolean
  /** The type that the document declares for it; null for the specification's default. */
  contentType: string | null
  /** Set if the document declares how the value becomes text. */
  style: ParameterStyle | null
}

export interface OperationBody {
  property: string
  /** As the document declares it; may be a range such as image/*. */
  mediaType: string
  kind: 'json' | 'form' | 'multipart' | 'text' | 'bytes'
  required: boolean
  schema: JsonObject
  fields: Record<string, BodyField>
  /** The argument for the media type, if the document declares only a range. */
  typeArgument: { property: string; required: false; schema: JsonObject } | null
}

const FILE_SCHEMA: JsonObject = {
  anyOf: [
    { type: 'string', description: 'Content of the file, base64-encoded' },
    {
      type: 'object',
      properties: {
        base64: { type: 'string', description: 'Content of the file, base64-encoded' },
        file_name: { type: 'string' },
        content_type: { type: 'string', description: 'Media type, such as image/png' },
      },
      required: ['base64'],
      additionalProperties: false,
    },
  ],
}

/** Returns the body of an operation, null if it has none, or the reason why it can't be sent. */
export function operationBody(
  root: JsonObject,
  given: unknown,
  converter: SchemaConverter,
  properties: Set<string>,
): OperationBody | string | null {
  if (given === undefined) return null
  const body = resolved(root, given)
  if (!isObject(body) || !isObject(body['content'])) return 'its request body is invalid'
  const chosen = chooseMediaType(root, body['content'])
  if (chosen === null) return null
  const { mediaType, kind, schema } = chosen
  const media = body['content'][mediaType]
  const encoding = isObject(media) && isObject(media['encoding']) ? media['encoding'] : {}
  const description = shownText(body['description'], 1_000)
  const form = kind === 'form' || kind === 'multipart' ? formBody(root, schema, encoding, converter) : null
  const shape = form?.schema ?? bodySchema(kind, mediaType, schema, converter)
  const property = propertyName('body', 'request', properties)
  return {
    property,
    mediaType,
    kind,
    required: body['required'] === true,
    schema: description === null ? shape : { ...shape, description },
    fields: form?.fields ?? {},
    typeArgument:
      kind === 'bytes' && isMediaRange(mediaType)
        ? {
            property: propertyName('content_type', 'request', properties),
            required: false,
            schema: { type: 'string', description: `Media type of the body (${mediaType}), such as image/png` },
          }
        : null,
  }
}

function bodySchema(
  kind: OperationBody['kind'],
  mediaType: string,
  schema: unknown,
  converter: SchemaConverter,
): JsonObject {
  if (kind === 'json') return converter.convert(schema)
  const shown = mediaType.slice(0, 100)
  return {
    type: 'string',
    description: kind === 'text' ? `Request body as text (${shown})` : `Request body, base64-encoded (${shown})`,
  }
}

/** Chooses what models write best: JSON before forms, forms before text, text before bytes. JSON Patch needs a list, so it comes last. */
function chooseMediaType(
  root: JsonObject,
  content: JsonObject,
): { mediaType: string; kind: OperationBody['kind']; schema: unknown } | null {
  const options = Object.entries(content).map(([mediaType, media]) => {
    const schema = isObject(media) ? media['schema'] : undefined
    const kind = kindOf(root, mediaType, schema)
    return { mediaType, kind, schema, rank: rankOf(root, mediaType, kind, schema) }
  })
  return options.toSorted((one, other) => one.rank - other.rank)[0] ?? null
}

function kindOf(root: JsonObject, mediaType: string, schema: unknown): OperationBody['kind'] {
  const essence = essenceOf(mediaType)
  if (isJsonType(essence) || essence === 'application/*+json' || essence === 'application/*') return 'json'
  if (essence === 'application/x-www-form-urlencoded') return 'form'
  if (essence === 'multipart/form-data' || essence === 'multipart/*') return 'multipart'
  if (essence === '*/*' || essence === '*') return isFile(root, schema) ? 'bytes' : 'json'
  return isTextType(essence) ? 'text' : 'bytes'
}

function rankOf(root: JsonObject, mediaType: string, kind: OperationBody['kind'], schema: unknown): number {
  const essence = essenceOf(mediaType)
  if (essence === 'application/json') return 0
  if (essence === 'application/json-patch+json') return 7
  if (kind === 'json') return essence.endsWith('merge-patch+json') ? 1 : isMediaRange(essence) ? 3 : 2
  const hasFile =
    kind === 'multipart' && Object.values(propertiesOf(root, schema).shapes).some((one) => isFile(root, one))
  if (hasFile) return 4
  return { form: 5, multipart: 6, text: 8, bytes: 9 }[kind]
}

/** Returns the fields of a form body as one flat schema, wherever allOf and the like define them. */
function formBody(
  root: JsonObject,
  schema: unknown,
  encoding: JsonObject,
  converter: SchemaConverter,
): { schema: JsonObject; fields: Record<string, BodyField> } {
  const { shapes, required, others } = propertiesOf(root, schema)
  const properties: JsonObject = {}
  const fields: Record<string, BodyField> = {}
  for (const [name, shape] of Object.entries(shapes)) {
    const said = isObject(encoding[name]) ? encoding[name] : {}
    const contentType = textOf(said['contentType'])?.split(',', 1)[0]?.trim() ?? null
    const isUntyped = isObject(shape) && Object.keys(shape).every((key) => key === 'description' || key === 'title')
    const isDeclaredFile = isUntyped && contentType !== null && !isTextType(contentType)
    const list = itemsOf(root, shape)
    const file = isDeclaredFile || isFile(root, list ?? shape)
    fields[name] = { isFile: file, contentType, style: styleOf(said) }
    const description = isObject(shape) ? shownText(shape['description'], 1_000) : null
    properties[name] = file
      ? {
          ...(list === null ? FILE_SCHEMA : { type: 'array', items: FILE_SCHEMA }),
          ...(description === null ? {} : { description }),
        }
      : converter.convert(shape)
  }
  const known = required.filter((name) => Object.hasOwn(properties, name))
  return {
    schema: {
      type: 'object',
      properties,
      ...(known.length === 0 ? {} : { required: known }),
      ...(others === undefined ? {} : { additionalProperties: others === true ? true : converter.convert(others) }),
    },
    fields,
  }
}

function styleOf(said: JsonObject): ParameterStyle | null {
  const { style, explode, allowReserved } = said
  if (style === undefined && explode === undefined && allowReserved === undefined) return null
  const name = textOf(style) ?? 'form'
  return { style: name, explode: typeof explode === 'boolean' ? explode : name === 'form' }
}

/** Merges the properties of a schema and its parts. Alternatives contribute fields, none of them required. */
function propertiesOf(
  root: JsonObject,
  schema: unknown,
  depth = 0,
): { shapes: JsonObject; required: string[]; others: unknown } {
  const target = resolved(root, schema)
  const found = { shapes: {} as JsonObject, required: [] as string[], others: undefined as unknown }
  if (!isObject(target) || depth > 8) return found
  for (const [key, isCertain] of [
    ['allOf', true],
    ['anyOf', false],
    ['oneOf', false],
  ] as const) {
    if (!Array.isArray(target[key])) continue
    for (const part of target[key]) {
      const inner = propertiesOf(root, part, depth + 1)
      Object.assign(found.shapes, inner.shapes)
      if (isCertain) found.required.push(...inner.required)
      found.others ??= inner.others
    }
  }
  if (isObject(target['properties']))
    for (const [name, shape] of Object.entries(target['properties'])) {
      const value = resolved(root, shape)
      if (!isObject(value) || value['readOnly'] !== true) found.shapes[name] = shape
    }
  if (Array.isArray(target['required']))
    found.required.push(...target['required'].filter((name): name is string => typeof name === 'string'))
  const others = target['additionalProperties']
  if (others === true || isObject(others)) found.others = others
  return found
}

function itemsOf(root: JsonObject, schema: unknown): JsonObject | null {
  const target = nonNull(root, schema)
  if (target?.['items'] === undefined) return null
  const items = resolved(root, target['items'])
  return isObject(items) ? items : {}
}

/** Returns the remaining schema of `anyOf: [X, null]`. */
function nonNull(root: JsonObject, schema: unknown): JsonObject | null {
  const target = resolved(root, schema)
  if (!isObject(target)) return null
  for (const key of ['anyOf', 'oneOf'] as const) {
    if (!Array.isArray(target[key])) continue
    const rest = target[key].map((one) => resolved(root, one)).filter((one) => isObject(one) && one['type'] !== 'null')
    if (rest.length === 1 && isObject(rest[0])) return rest[0]
  }
  return target
}

/**
 * Returns true for a string of bytes: `format: binary` or a media type that isn't text, including inside allOf, anyOf
 * and oneOf.
 */
function isFile(root: JsonObject, schema: unknown, depth = 0): boolean {
  const target = resolved(root, schema)
  if (!isObject(target) || depth > 8) return false
  if (target['format'] === 'binary') return true
  const media = textOf(target['contentMediaType'])
  if (media !== null && target['contentEncoding'] === undefined && !isTextType(media)) return true
  return (['allOf', 'anyOf', 'oneOf'] as const).some(
    (key) => Array.isArray(target[key]) && target[key].some((one) => isFile(root, one, depth + 1)),
  )
}
