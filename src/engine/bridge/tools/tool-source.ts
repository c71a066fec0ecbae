import type { Demand, Principal } from '../../access/principal.ts'
import type { CallOrigin } from '../../calls/open-call.ts'
import type { JsonObject } from '../../text/json.ts'

/** One tool of a connection, under the name that clients see (`namespacedName` in connections/tool-names.ts). */
export interface SourceTool {
  connection: string
  /** The MCP tool: `name` as clients see it, `description`, `inputSchema`, `outputSchema`?, `annotations`?. Shared: never changed. */
  definition: JsonObject & { name: string }
  /** What using it takes. It is listed to whom `decide` allows this, and to nobody else. */
  demand: Demand
}

/** An MCP tool result: `content`, `structuredContent`?, `isError`?. */
export type ToolResult = JsonObject & { content: unknown[] }

export interface SourceCall {
  principal: Principal
  tool: SourceTool
  args: JsonObject
  /** For the log row, and for cutting the call off. */
  origin: CallOrigin
  /** Params of `notifications/progress`, without the token; leads nowhere when the client did not ask for progress. */
  onProgress: (progress: JsonObject) => void
}

/**
 * Tools that one kind of connection brings. The bridge asks it for each connection of that kind that a token's grants reach,
 * filters by the demands, and joins them with the tools of other sources.
 */
export interface ToolSource {
  readonly kind: 'mcp' | 'http'
  /** At once, never waiting for an upstream; the very same array until something in it changes, since lists are cached by it. */
  tools(connection: string): readonly SourceTool[]
  /**
   * Carries a call out: decides anew with the grants of this moment, opens the log row (method = `definition.name`, with the
   * connection and, where there is one, the path), calls, closes the row. Refusals and failures are thrown as HallpassErrors,
   * which the bridge answers as tool errors with their code; an upstream's own failure may be a result with `isError`.
   */
  call(call: SourceCall): Promise<ToolResult>
  /** Called with the connection's name after its tools changed. Answers how to stop listening. */
  onChange(listener: (connection: string) => void): () => void
}
