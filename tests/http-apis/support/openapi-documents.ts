/** A small API of 3.1 with what tools must handle: parameters in each place, a body, a shape that holds itself. */
export function smallApi() {
  return {
    openapi: '3.1.0',
    info: { title: 'Stays', version: '1.2' },
    servers: [{ url: 'https://api.stays.example/v1' }],
    paths: {
      '/listings': {
        get: {
          operationId: 'listListings',
          summary: 'List listings',
          parameters: [
            { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1 } },
            { name: 'tags', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
            { name: 'filter[city]', in: 'query', schema: { type: 'string' } },
            { name: 'X-Trace', in: 'header', schema: { type: 'string' } },
          ],
          responses: { 200: { description: 'ok' } },
        },
        post: {
          operationId: 'createListing',
          summary: 'Create a listing',
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Listing' } } },
          },
          responses: { 201: { description: 'made' } },
        },
      },
      '/listings/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: { operationId: 'getListing', responses: { 200: { description: 'ok' } } },
        delete: { responses: { 204: { description: 'gone' } } },
      },
    },
    components: {
      schemas: {
        Listing: {
          type: 'object',
          required: ['name', 'id'],
          properties: {
            id: { type: 'string', readOnly: true },
            name: { type: 'string', description: 'What it is called' },
            nightly: { type: ['number', 'null'], minimum: 0 },
            within: { $ref: '#/components/schemas/Listing' },
          },
        },
      },
    },
  }
}

const THINGS = [
  'owner',
  'property',
  'listing',
  'reservation',
  'guest',
  'invoice',
  'payment',
  'task',
  'cleaner',
  'message',
  'review',
  'rate',
  'calendar',
  'channel',
  'document',
] as const

/** A property-management API as such APIs are: hundreds of operations over shapes that refer to each other. */
export function propertyManagementApi(operations = 300) {
  const schemas: Record<string, unknown> = {
    Money: {
      type: 'object',
      properties: { amount: { type: 'number' }, currency: { type: 'string', enum: ['EUR', 'USD', 'GBP'] } },
      required: ['amount', 'currency'],
    },
    Address: {
      type: 'object',
      properties: {
        street: { type: 'string' },
        city: { type: 'string' },
        country: { type: 'string', pattern: '^[A-Z]{2}$' },
        zip: { type: 'string', nullable: true },
      },
    },
  }
  const paths: Record<string, Record<string, unknown>> = {}
  let made = 0
  for (let round = 0; made < operations; round += 1) {
    for (const [index, thing] of THINGS.entries()) {
      const name = `${thing[0]?.toUpperCase()}${thing.slice(1)}${round === 0 ? '' : round}`
      const other = THINGS[(index + 3) % THINGS.length] ?? 'owner'
      schemas[name] = {
        type: 'object',
        required: ['name'],
        properties: Object.fromEntries([
          ['id', { type: 'string', format: 'uuid', readOnly: true }],
          [
            'name',
            {
              type: 'string',
              maxLength: 200,
              description: `Name of the ${thing} as guests and owners see it on every channel`,
            },
          ],
          ['price', { $ref: '#/components/schemas/Money' }],
          ['address', { allOf: [{ $ref: '#/components/schemas/Address' }], nullable: true }],
          [other, { $ref: `#/components/schemas/${other[0]?.toUpperCase()}${other.slice(1)}` }],
          ...Array.from({ length: 20 }, (_, field) => [
            `field_${field}`,
            {
              type: field % 3 === 0 ? 'integer' : 'string',
              description: `Field ${field} of a ${thing}, as the back office keeps it`,
              example: 'x',
            },
          ]),
        ]),
      }
      const plural = `/v1/${thing}s${round === 0 ? '' : `-${round}`}`
      const body = {
        required: true,
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
      }
      const answer = {
        200: {
          description: 'Done',
          content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
        },
        404: { description: 'Not found' },
      }
      const pageParameters = ['limit', 'offset', 'sort', 'from', 'to'].map((parameter) => ({
        name: parameter,
        in: 'query',
        description: `The ${parameter} of the page of ${thing}s`,
        schema: { type: 'string' },
      }))
      paths[plural] = {
        get: { operationId: `list${name}s`, summary: `List ${thing}s`, parameters: pageParameters, responses: answer },
        post: { operationId: `create${name}`, summary: `Create a ${thing}`, requestBody: body, responses: answer },
      }
      paths[`${plural}/{id}`] = {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: { operationId: `get${name}`, responses: answer },
        put: { operationId: `replace${name}`, requestBody: body, responses: answer },
        delete: { operationId: `delete${name}`, responses: answer },
      }
      made += 5
      if (made >= operations) break
    }
  }
  return {
    openapi: '3.0.3',
    info: { title: 'Property management', version: '2026-11' },
    servers: [{ url: 'https://api.pm.example' }],
    paths,
    components: { schemas },
  }
}
