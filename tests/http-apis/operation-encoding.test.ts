import { describe, expect, it } from 'vitest'
import { readOperations } from '../../src/engine/http-apis/openapi/document/catalog.ts'
import { operationRequest } from '../../src/engine/http-apis/openapi/request/operation-request.ts'
import { parseExactJson } from '../../src/engine/text/exact-json.ts'

const BINARY = { type: 'string', format: 'binary' }
const PNG = Buffer.from('\x89PNG\r\nxyz', 'latin1')
const B64 = PNG.toString('base64')

/** Reads a document with one operation and returns the request for its arguments. */
async function requestFor(
  operation: object,
  args: Record<string, unknown>,
  { path = '/x', allowEncodedSlash = false, openapi = '3.0.3' } = {},
) {
  const { operations, schemas } = await readOperations(
    JSON.stringify({
      openapi,
      info: { title: 'A', version: '1' },
      paths: { [path]: { post: { operationId: 'op', responses: {}, ...operation } } },
      components: {
        schemas: { Upload: { type: 'object', properties: { file: BINARY, note: { type: 'string' } } } },
      },
    }),
  )
  const [one] = operations
  if (one === undefined) throw new Error('no operation')
  const request = operationRequest(one, args, { schemas, allowEncodedSlash })
  const type = request.rawHeaders[request.rawHeaders.indexOf('content-type') + 1]
  return { ...request, contentType: type, text: request.body?.toString('latin1') ?? '', operation: one }
}

const bodyOf = (mediaType: string, schema: object, encoding?: object) => ({
  requestBody: { content: { [mediaType]: { schema, ...(encoding === undefined ? {} : { encoding }) } } },
})

describe('a query parameter', () => {
  const query = (more: object, value: unknown) =>
    requestFor({ parameters: [{ name: 'q', in: 'query', schema: {}, ...more }] }, { q: value }).then(
      ({ search }) => search,
    )

  it.each([
    ['form, exploded list', {}, ['a b', 'c&d'], 'q=a%20b&q=c%26d'],
    ['form list', { explode: false }, ['a', 'b,c'], 'q=a,b%2Cc'],
    ['spaceDelimited', { style: 'spaceDelimited', explode: false }, ['a', 'b'], 'q=a%20b'],
    ['pipeDelimited', { style: 'pipeDelimited', explode: false }, ['a', 'b'], 'q=a%7Cb'],
    ['exploded spaceDelimited', { style: 'spaceDelimited', explode: true }, ['a', 'b'], 'q=a&q=b'],
    ['form, exploded object', {}, { r: 1, g: 2 }, 'r=1&g=2'],
    [
      'form, exploded object with a list',
      {},
      { page: 0, sort: ['amount,desc', 'name'] },
      'page=0&sort=amount%2Cdesc&sort=name',
    ],
    ['pipeDelimited without explode', { style: 'pipeDelimited' }, ['a', 'b'], 'q=a%7Cb'],
    ['spaceDelimited without explode', { style: 'spaceDelimited' }, ['a', 'b'], 'q=a%20b'],
    ['an empty text', {}, '', 'q='],
    ['a boolean', {}, false, 'q=false'],
    ['form object', { explode: false }, { r: 1, g: 2 }, 'q=r,1,g,2'],
    ['deepObject', { style: 'deepObject', explode: true }, { r: 1, g: 'x y' }, 'q%5Br%5D=1&q%5Bg%5D=x%20y'],
    [
      'nested deepObject',
      { style: 'deepObject', explode: true },
      { a: { b: { c: 1 } }, d: [2, { e: 3 }], n: null },
      'q%5Ba%5D%5Bb%5D%5Bc%5D=1&q%5Bd%5D%5B0%5D=2&q%5Bd%5D%5B1%5D%5Be%5D=3',
    ],
    ['allowReserved', { allowReserved: true }, 'a/b:c?d&e=f#g', 'q=a/b:c?d%26e%3Df%23g'],
    ['an empty list', {}, [], ''],
    [
      'JSON content',
      { schema: undefined, content: { 'application/json': {} } },
      { a: [1] },
      'q=%7B%22a%22%3A%5B1%5D%7D',
    ],
    ['null', {}, null, ''],
  ])('is sent in its style: %s', async (_, more, value, search) => {
    expect(await query(more, value)).toBe(search)
  })

  it('with a list in a list is rejected by its name', async () => {
    await expect(query({}, [['a']])).rejects.toMatchObject({ code: 'INVALID_REQUEST', field: 'q' })
  })
})

describe('a path parameter', () => {
  const path = (more: object, value: unknown, allowEncodedSlash = false) =>
    requestFor(
      { parameters: [{ name: 'id', in: 'path', required: true, schema: {}, ...more }] },
      { id: value },
      { path: '/u/{id}/x', allowEncodedSlash },
    ).then((request) => request.path)

  it.each([
    ['a slash', 'a/b'],
    ['dots', '..'],
    ['a backslash', 'a\\b'],
    ['nothing', ''],
    ['an empty list', []],
  ])('with %s is rejected by its name', async (_, value) => {
    await expect(path({}, value)).rejects.toMatchObject({ code: 'INVALID_REQUEST', field: 'id' })
  })

  it.each(['a/../b', '../b', 'a//b', 'a/.', 'a/b\\c', '/a'])(
    'with %s is rejected also where encoded slashes are allowed',
    async (value) => {
      await expect(path({}, value, true)).rejects.toMatchObject({ field: 'id' })
    },
  )

  it.each([
    ['simple', {}, 'a b', '/u/a%20b/x'],
    ['simple list', {}, ['a', 'b'], '/u/a,b/x'],
    ['simple object', {}, { r: 1, g: 2 }, '/u/r,1,g,2/x'],
    ['exploded simple object', { explode: true }, { r: 1, g: 2 }, '/u/r=1,g=2/x'],
    ['label', { style: 'label' }, 'a', '/u/.a/x'],
    ['exploded label list', { style: 'label', explode: true }, ['a', 'b'], '/u/.a.b/x'],
    ['matrix', { style: 'matrix' }, 'a', '/u/;id=a/x'],
    ['matrix list', { style: 'matrix' }, ['a', 'b'], '/u/;id=a,b/x'],
    ['exploded matrix list', { style: 'matrix', explode: true }, ['a', 'b'], '/u/;id=a;id=b/x'],
    ['exploded matrix object', { style: 'matrix', explode: true }, { r: 1, g: 2 }, '/u/;r=1;g=2/x'],
    ['a 64-bit integer', {}, 1234567890123456789n, '/u/1234567890123456789/x'],
  ])('is sent in its style: %s', async (_, more, value, expected) => {
    expect(await path(more, value)).toBe(expected)
  })

  it('keeps a slash encoded where the connection allows it', async () => {
    expect(await path({}, 'group/project', true)).toBe('/u/group%2Fproject/x')
  })
})

describe('a JSON body', () => {
  it('keeps every digit of a whole number', async () => {
    const args = parseExactJson(
      '{"body":{"id":9007199254740993,"small":7,"list":[-12345678901234567890],"text":"9007199254740993","x":1.5}}',
    )
    const { text } = await requestFor(bodyOf('application/json', { type: 'object' }), args as Record<string, unknown>)
    expect(text).toBe(
      '{"id":9007199254740993,"small":7,"list":[-12345678901234567890],"text":"9007199254740993","x":1.5}',
    )
  })

  it.each([
    ['at its top', { a: 1 }, 'body.name'],
    ['in an object', { name: 'a', owner: {} }, 'body.owner.email'],
    ['in a list', { name: 'a', items: [{ sku: 1 }, {}] }, 'body.items.1.sku'],
    ['of allOf', { name: 'a', both: { y: 1 } }, 'body.both.x'],
  ])('without a required field %s is rejected by its name', async (_, body, field) => {
    const schema = {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string' },
        owner: { type: 'object', required: ['email'], properties: { email: { type: 'string' } } },
        items: { type: 'array', items: { type: 'object', required: ['sku'], properties: { sku: {} } } },
        both: { allOf: [{ required: ['x'] }, { type: 'object', properties: { x: {} } }] },
      },
    }
    await expect(requestFor(bodyOf('application/json', schema), { body })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      field,
    })
  })

  it('with null means "not given", unless the schema allows null', async () => {
    expect((await requestFor(bodyOf('application/json', { type: 'object' }), { body: null })).body).toBeNull()
    const nullable = { type: 'object', nullable: true }
    expect((await requestFor(bodyOf('application/json', nullable), { body: null })).text).toBe('null')
  })
})

describe('a body next to a parameter with the same name', () => {
  it('gets a name of its own, and both are sent, also if the body is a list', async () => {
    const operation = {
      parameters: [{ name: 'body', in: 'query', schema: { type: 'string' } }],
      ...bodyOf('application/json', { title: 'body', type: 'array', items: { type: 'integer' } }),
    }
    const { search, text } = await requestFor(operation, { body: 'active', request_body: [1, 2] })
    expect([search, text]).toEqual(['body=active', '[1,2]'])
  })
})

describe('a form body', () => {
  it('follows its encoding', async () => {
    const schema = { type: 'object', properties: { metadata: { type: 'object' }, expand: { type: 'array' }, tags: {} } }
    const { text, contentType } = await requestFor(
      bodyOf('application/x-www-form-urlencoded', schema, {
        metadata: { style: 'deepObject', explode: true },
        expand: { style: 'deepObject', explode: true },
        tags: { style: 'form', explode: false },
      }),
      { body: { metadata: { order: 7, deep: { a: 'b c' } }, expand: ['x'], tags: ['a', 'b'], plain: 'é', gone: null } },
    )
    expect(contentType).toBe('application/x-www-form-urlencoded')
    expect(text).toBe('metadata%5Border%5D=7&metadata%5Bdeep%5D%5Ba%5D=b+c&expand%5B0%5D=x&tags=a,b&plain=%C3%A9')
  })

  it('repeats lists and writes objects as JSON if the document says nothing else', async () => {
    const { text } = await requestFor(bodyOf('application/x-www-form-urlencoded', { type: 'object' }), {
      body: { ids: [1, 2], filter: { a: 1 } },
    })
    expect(text).toBe('ids=1&ids=2&filter=%7B%22a%22%3A1%7D')
  })
})

describe('a multipart body', () => {
  const form = (properties: object, encoding?: object) =>
    bodyOf('multipart/form-data', { type: 'object', properties }, encoding)

  it.each([
    ['format: binary', form({ file: BINARY })],
    ['a reference', bodyOf('multipart/form-data', { $ref: '#/components/schemas/Upload' })],
    ['anyOf with null', form({ file: { anyOf: [BINARY, { type: 'null' }] } })],
    ['nullable', form({ file: { ...BINARY, nullable: true } })],
    ['contentMediaType', form({ file: { type: 'string', contentMediaType: 'application/octet-stream' } })],
    ['no schema but an encoding', form({ file: {} }, { file: { contentType: 'image/png' } })],
    [
      'allOf',
      bodyOf('multipart/form-data', {
        allOf: [{ $ref: '#/components/schemas/Upload' }, { type: 'object', properties: { x: {} } }],
      }),
    ],
    ['oneOf', bodyOf('multipart/form-data', { oneOf: [{ $ref: '#/components/schemas/Upload' }] })],
  ])('sends a file as its bytes: %s', async (_, operation) => {
    const { text } = await requestFor(operation, { body: { file: B64 } }, { openapi: '3.1.0' })
    expect(text).toContain('name="file"; filename="file.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\nxyz\r\n--')
  })

  it('sends a list of files as several parts', async () => {
    const { text } = await requestFor(form({ files: { type: 'array', items: BINARY } }), {
      body: { files: [B64, B64] },
    })
    expect(text.match(/name="files"; filename="files\.png"/g)).toHaveLength(2)
  })

  it('uses the file name and type that the caller gives, and lets neither break the part', async () => {
    const file = { base64: B64, file_name: 'a"b\r\nX: y.csv', content_type: 'text/csv' }
    const { text } = await requestFor(form({ file: BINARY }), { body: { file } })
    expect(text).toContain('filename="a%22b%0D%0AX: y.csv"\r\nContent-Type: text/csv\r\n\r\n')
    await expect(
      requestFor(form({ file: BINARY }), { body: { file: { ...file, content_type: 'a/b\r\nX: y' } } }),
    ).rejects.toMatchObject({ field: 'body.file.content_type' })
  })

  it('sends objects as JSON and plain values as text', async () => {
    const { text } = await requestFor(form({ file: BINARY, metadata: { type: 'object' }, n: { type: 'integer' } }), {
      body: { file: B64, metadata: { a: 12345678901234567890n }, n: 5 },
    })
    expect(text).toContain('name="metadata"\r\nContent-Type: application/json\r\n\r\n{"a":12345678901234567890}\r\n')
    expect(text).toContain('name="n"\r\n\r\n5\r\n')
  })

  it('rejects a file that is not base64', async () => {
    await expect(requestFor(form({ file: BINARY }), { body: { file: 'hello world!' } })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'body.file',
    })
  })
})

describe('a body with several media types', () => {
  const sent = (types: [string, object][], body: unknown, more: Record<string, unknown> = {}) =>
    requestFor(
      { requestBody: { content: Object.fromEntries(types.map(([type, schema]) => [type, { schema }])) } },
      { body, ...more },
    ).then(({ contentType, text }) => [contentType, text])
  const object = { type: 'object' }

  it('is sent as JSON before JSON Patch, and as a merge patch before both variants of text', async () => {
    const patch: [string, object] = ['application/json-patch+json', { type: 'array' }]
    expect(await sent([patch, ['application/json', object], ['text/json', object]], { a: 1 })).toEqual([
      'application/json',
      '{"a":1}',
    ])
    expect(
      await sent([['application/apply-patch+yaml', object], patch, ['application/merge-patch+json', object]], { a: 1 }),
    ).toEqual(['application/merge-patch+json', '{"a":1}'])
  })

  it('is sent as a multipart form with a file before a plain form', async () => {
    const types: [string, object][] = [
      ['application/x-www-form-urlencoded', object],
      ['multipart/form-data', { type: 'object', properties: { f: BINARY } }],
    ]
    expect((await sent(types, { f: B64 }))[0]).toMatch(/^multipart/)
  })

  it.each([
    ['image/*', BINARY, B64, 'image/png', PNG.toString('latin1')],
    ['*/*', BINARY, B64, 'image/png', PNG.toString('latin1')],
    ['*/*', object, { a: 1 }, 'application/json', '{"a":1}'],
    ['application/octet-stream', BINARY, B64, 'application/octet-stream', PNG.toString('latin1')],
    ['text/*', { type: 'string' }, 'hello', 'text/plain; charset=utf-8', 'hello'],
    ['application/xml', object, '<a/>', 'application/xml', '<a/>'],
    ['application/soap+xml', object, '<a/>', 'application/soap+xml', '<a/>'],
    ['application/x-ndjson', { type: 'string' }, '{"a":1}\n', 'application/x-ndjson', '{"a":1}\n'],
    ['application/yaml', object, 'a: 1', 'application/yaml', 'a: 1'],
    ['application/json', { type: 'string' }, 'hello', 'application/json', '"hello"'],
    ['application/vnd.api+json; ext="x"', object, { a: 1 }, 'application/vnd.api+json; ext="x"', '{"a":1}'],
    ['application/*+json', object, { a: 1 }, 'application/json', '{"a":1}'],
  ])('is sent in the right form for %s', async (type, schema, value, contentType, text) => {
    expect(await sent([[type, schema]], value)).toEqual([contentType, text])
  })

  it("is sent in the caller's type for a range, and requires one that can't be inferred", async () => {
    const unknown = Buffer.from('??').toString('base64')
    expect((await sent([['image/*', BINARY]], unknown, { content_type: 'image/x-icon' }))[0]).toBe('image/x-icon')
    await expect(sent([['image/*', BINARY]], unknown)).rejects.toMatchObject({ field: 'content_type' })
  })
})

describe('arguments', () => {
  const names = async (given: string[]) => {
    const parameters = given.map((name) => ({ name, in: 'query', schema: {} }))
    const { operation } = await requestFor({ parameters }, {})
    return operation.parameters.map((one) => one.property)
  }

  it('that differ in a sign have readable names', async () => {
    expect(await names(['StartTime', 'StartTime<', 'StartTime>'])).toEqual([
      'StartTime',
      'StartTime_lt',
      'StartTime_gt',
    ])
    expect(await names(['created', 'created[gte]', 'created[lt]', 'ids[]'])).toEqual([
      'created',
      'created_gte',
      'created_lt',
      'ids_list',
    ])
  })

  it('that differ at the end of a long name preserve that end', async () => {
    const stem = 'filter_by_the_very_long_name_of_an_attribute_of_the_resource'
    const properties = await names([`${stem}_before`, `${stem}_after`, `${stem}_at`])
    expect(properties.map((one) => one.replace(/.*_/, ''))).toEqual(['before', 'after', 'at'])
    for (const one of properties) expect(one).toMatch(/^[A-Za-z0-9_.-]{1,64}$/)
  })
})
