import { invalidRequest } from '../../../contract/errors.ts'
import type { Permission } from '../../../contract/grants.ts'
import type { ConnectionRecord } from '../../../contract/records.ts'
import type { McpToolRecord, ToolAcceptance } from '../../../contract/upstreams/mcp-connection.ts'
import type { McpToolRow } from '../../store/rows.ts'
import type { JsonObject } from '../../text/json.ts'
import { countTools, removedRecord, toolRecord } from './tool-records.ts'
import { digestOf, nameOf, quoted, type ToolReviews } from './tool-reviews.ts'

/** What the owner sees and decides about a connection's tools. Unknown tools throw INVALID_REQUEST. */
export interface OwnerTools {
  tools(): McpToolRecord[]
  /** Returns the numbers of tools that are on, off and to review. */
  counts(): NonNullable<ConnectionRecord['tools']>
  /** Accepts tools as they are now. Forgets those that the server no longer lists. */
  accept(tools: readonly ToolAcceptance[]): void
  reject(tools: readonly ToolAcceptance[]): void
  undoReview(tools: readonly string[]): void
  setEnabled(tools: readonly string[], enabled: boolean): void
  setPermission(tool: string, permission: Permission | null): void
}

interface Parts {
  connection: string
  reviews: ToolReviews
  /** Returns the server's current tools. */
  listed(): readonly JsonObject[]
  /** Returns the names of tools of other connections. */
  elsewhere(): ReadonlySet<string>
  changed(): void
}

export function createOwnerTools({ connection, reviews, listed, elsewhere, changed }: Parts): OwnerTools {
  const find = (tool: string): JsonObject | undefined => listed().find((one) => nameOf(one) === tool)

  /** Returns the tools that were accepted and that the server no longer lists. */
  function removed(): McpToolRow[] {
    const names = new Set(listed().map(nameOf))
    return reviews.all().filter((one) => one.accepted !== null && !names.has(one.name))
  }

  function requireKnown(tool: string): void {
    if (find(tool) === undefined && reviews.of(tool) === undefined) throw unknownTool(tool)
  }

  function unknownTool(name: string) {
    return invalidRequest(`"${connection}" has no tool ${quoted(name)}.`, 'tool')
  }

  /** Returns the definition that the owner saw. Throws INVALID_REQUEST if it doesn't exist or has changed since. */
  function asReviewed(one: ToolAcceptance): JsonObject {
    const name = nameIn(one)
    const definition = find(name)
    if (definition === undefined) throw unknownTool(name)
    if (typeof one === 'string' || one.fingerprint === digestOf(definition)) return definition
    throw invalidRequest(`Tool ${quoted(name)} of "${connection}" changed again. Review it once more.`, 'tools', {
      reason: 'changed_again',
    })
  }

  return {
    tools() {
      const names = elsewhere()
      return [...listed().map((one) => toolRecord(one, reviews, names)), ...removed().map(removedRecord)]
    },
    counts() {
      const counts = countTools(listed(), reviews, elsewhere)
      return { ...counts, review: counts.review + removed().length }
    },
    accept(tools) {
      const gone = new Set(removed().map(({ name }) => name))
      reviews.accept(tools.filter((one) => !gone.has(nameIn(one))).map(asReviewed))
      reviews.forget(tools.map(nameIn).filter((name) => gone.has(name)))
      changed()
    },
    reject(tools) {
      reviews.reject(tools.map(asReviewed))
      changed()
    },
    undoReview(tools) {
      const without = reviews.undo(tools)
      if (without !== null)
        throw invalidRequest(`Tool ${quoted(without)} of "${connection}" has no review to undo.`, 'tools')
      changed()
    },
    setEnabled(tools, enabled) {
      for (const tool of tools) requireKnown(tool)
      reviews.setEnabled(tools, enabled)
      changed()
    },
    setPermission(tool, permission) {
      requireKnown(tool)
      reviews.setPermission(tool, permission)
      changed()
    },
  }
}

function nameIn(one: ToolAcceptance): string {
  return typeof one === 'string' ? one : one.name
}
