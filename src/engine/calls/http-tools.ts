import { HallpassError } from '../../contract/errors.ts'
import type { HttpConnectionConfig } from '../../contract/upstreams/http-connection.ts'
import type { Demand, Principal } from '../access/principal.ts'
import { namespacedName } from '../text/tool-names.ts'
import type { HttpCalls } from './http-calls.ts'
import type { CallOrigin } from './running-call.ts'
import { isHopOrFraming, isNeverSent } from '../egress/header-filters.ts'
import { secretHeader } from '../http-apis/credentials.ts'
import type { HttpConnections, OpenHttpConnection } from '../http-apis/http-connections.ts'
import { selectedOperations, type Catalog } from '../http-apis/openapi/document/catalog.ts'
import { operationRequest } from '../http-apis/openapi/request/operation-request.ts'
import type { Operation } from '../http-apis/openapi/document/operations.ts'
import { createToolSchemas, type ToolSchemas } from '../http-apis/openapi/tools/tool-input-schema.ts'
import { createAnswerCollector } from '../http-apis/openapi/tools/tool-answer.ts'
import type { JsonObject } from '../text/json.ts'

/** One operation as a tool. Compatible with the bridge's SourceTool. */
interface HttpTool {
  connection: string
  definition: JsonObject & { name: string }
  demand: Demand
}

interface HttpToolCall {
  principal: Principal
  tool: { connection: string; definition: { name: string } }
  args: JsonObject
  origin: CallOrigin
}

/** The selected operations of HTTP APIs as tools. Compatible with the bridge's ToolSource. */
interface HttpTools {
  readonly kind: 'http'
  tools(connection: string): readonly HttpTool[]
  call(call: HttpToolCall): Promise<JsonObject & { content: unknown[] }>
  onChange(listener: (connection: string) => void): () => void
}

interface Shelf {
  name: string
  schemas: Catalog['schemas']
  tools: HttpTool[]
  operations: Map<string, Operation>
}

const NONE: readonly HttpTool[] = []

export function createHttpTools(parts: { connections: HttpConnections; calls: HttpCalls }): HttpTools {
  const { connections, calls } = parts
  // Keyed weakly by catalog, so that tools are freed with it.
  const shelves = new WeakMap<Catalog, Shelf>()

  function shelfOf(found: OpenHttpConnection): Shelf | null {
    const catalog = connections.catalog(found.row.id)
    if (catalog === null) return null
    const known = shelves.get(catalog)
    if (known?.name === found.row.name) return known
    const shelf: Shelf = { name: found.row.name, schemas: catalog.schemas, tools: [], operations: new Map() }
    const schemas = createToolSchemas(catalog.schemas)
    for (const given of selectedOperations(catalog)) {
      const operation = withoutSecretParameters(given, found.row.config)
      const tool = toolOf(found, operation, schemas)
      shelf.tools.push(tool)
      shelf.operations.set(tool.definition.name, operation)
    }
    shelves.set(catalog, shelf)
    return shelf
  }

  return {
    kind: 'http',
    tools(connection) {
      const found = connections.find(connection)
      return found === null ? NONE : (shelfOf(found)?.tools ?? NONE)
    },
    async call({ principal, tool, args, origin }) {
      const found = connections.find(tool.connection)
      const shelf = found === null ? null : shelfOf(found)
      const operation = shelf?.operations.get(tool.definition.name)
      if (found === null || shelf === null || operation === undefined)
        throw new HallpassError('INVALID_REQUEST', `Tool ${tool.definition.name} is no longer available.`)
      const { name } = tool.definition
      const identity = { id: operation.id, name }
      let request
      try {
        request = operationRequest(operation, args, {
          schemas: shelf.schemas,
          allowEncodedSlash: found.upstream.allowEncodedSlash,
        })
      } catch (thrown) {
        // A caller without permission learns only that, whatever its fields.
        throw calls.reject(
          principal,
          { connection: tool.connection, method: operation.method, path: operation.path, tool: identity },
          origin,
          thrown,
        )
      }
      const enough = new AbortController()
      const collector = createAnswerCollector(() => enough.abort())
      const { body } = request
      await calls.send(
        principal,
        {
          ...request,
          connection: tool.connection,
          tool: identity,
          contentLength: body === null ? null : body.length,
          enough: enough.signal,
          decode: true,
        },
        collector.sink,
        origin,
      )
      return collector.result(name)
    },
    onChange: (listener) => connections.onCatalogChange(listener),
  }
}

/** Parameters that the connection sets or never sends aren't asked of the caller. */
function withoutSecretParameters(operation: Operation, config: Omit<HttpConnectionConfig, 'kind'>): Operation {
  const auth = config.auth ?? { type: 'none' as const }
  const header = secretHeader(auth)
  const query = auth.type === 'query' ? auth.name : null
  const parameters = operation.parameters.filter((one) => {
    if (one.in === 'query') return one.name !== query
    const lower = one.name.toLowerCase()
    return one.in !== 'header' || !(lower === header || isHopOrFraming(lower) || isNeverSent(lower))
  })
  return parameters.length === operation.parameters.length ? operation : { ...operation, parameters }
}

function toolOf({ row, upstream }: OpenHttpConnection, operation: Operation, schemas: ToolSchemas): HttpTool {
  const { id, method, path } = operation
  const permission = upstream.permissionOf(method, path)
  const title = operation.summary ?? id
  const texts = [
    operation.deprecated ? 'Deprecated.' : null,
    operation.summary,
    operation.description === operation.summary ? null : operation.description,
    `${method} ${path}`,
  ]
  return {
    connection: row.name,
    definition: {
      name: namespacedName(row.name, id),
      title,
      description: texts.filter((text) => text !== null).join('\n\n'),
      inputSchema: schemas.inputSchema(operation),
      annotations: {
        title,
        readOnlyHint: permission === 'read',
        destructiveHint: permission !== 'read' && method !== 'POST',
        idempotentHint: method !== 'POST' && method !== 'PATCH',
        openWorldHint: true,
      },
    },
    demand: { permission, connection: row.name, tool: id, path },
  }
}
