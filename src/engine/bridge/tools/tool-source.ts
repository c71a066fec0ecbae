import type { Demand, Principal } from '../../access/principal.ts'
import type { CallOrigin } from '../../calls/running-call.ts'
import type { JsonObject } from '../../text/json.ts'

/** One tool of a connection, under the name that clients see (`namespacedName` in connections/tool-names.ts). */
export interface SourceTool {
  connection: string
  /** The MCP tool as clients see it. It is shared and must not be changed. */
  definition: JsonObject & { name: string }
  /** What calling it requires. It is listed only for principals that `decide` allows this. */
  demand: Demand
}

/** An MCP tool result: `content`, `structuredContent`?, `isError`?. */
type ToolResult = JsonObject & { content: unknown[] }

interface SourceCall {
  principal: Principal
  tool: SourceTool
  args: JsonObject
  /** For the log row and for interrupting the call. */
  origin: CallOrigin
  /**
   * Receives the params of `notifications/progress` without the token. Does nothing if the client didn't ask for
   * progress.
   */
  onProgress: (progress: JsonObject) => void
}

/**
 * Provides the tools of one kind of connection. The bridge calls it for each reachable connection of that kind, filters
 * the tools by their demands, and merges them with those of other sources.
 */
export interface ToolSource {
  readonly kind: 'mcp' | 'http'
  /**
   * Returns immediately, without waiting for an upstream. The same array until something in it changes, because lists
   * are cached by it.
   */
  tools(connection: string): readonly SourceTool[]
  /**
   * Executes a call: decides again with the current grants, opens the log row (method = `definition.name`, with
   * connection and path), calls, closes the row. Denials and failures are thrown as HallpassErrors, which the bridge
   * returns as tool errors. An upstream's own failure can be a result with `isError`.
   */
  call(call: SourceCall): Promise<ToolResult>
  /**
   * Calls the listener with the connection's name after its tools changed. Returns a function that removes the
   * listener.
   */
  onChange(listener: (connection: string) => void): () => void
}
