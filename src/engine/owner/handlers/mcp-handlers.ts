import type { ToolAcceptance } from '../../../contract/upstreams/mcp-connection.ts'
import { toolFields } from '../changes/changed-fields.ts'
import { findConnection } from '../find-rows.ts'
import type { ActionName, ActionSubject } from '../owner-actions.ts'
import type { OwnerDesk } from '../owner-implementer.ts'

/** Handlers for connections of kind mcp. */
export function mcpHandlers({ os, parts, actions }: OwnerDesk) {
  const {
    store,
    connectors: { mcp },
  } = parts
  const known = (name: string): string => findConnection(store, name).name
  const subject = (connection: string, tools: readonly ToolAcceptance[]): ActionSubject => {
    const names = tools.map((one) => (typeof one === 'string' ? one : one.name))
    return {
      connection,
      resource: names.join(',').slice(0, 200),
      fields: () => toolFields(mcp.tools(connection), names),
    }
  }
  /** Runs a change of tools, whose row names them, and returns the tools afterward. */
  const review = (
    method: ActionName,
    connection: string,
    tools: readonly ToolAcceptance[],
    change: () => Promise<void>,
  ) =>
    actions.change(method, subject(connection, tools), async () => {
      await change()
      return mcp.tools(connection)
    })
  return {
    refreshTools: os.connections.refreshTools.handler(({ input }) =>
      actions.change('connections.refreshTools', { connection: input.name }, () => mcp.refresh(known(input.name))),
    ),
    tools: os.connections.tools.handler(({ input }) => mcp.tools(known(input.name))),
    acceptTools: os.connections.acceptTools.handler(({ input: { name, tools } }) =>
      review('connections.acceptTools', name, tools, () => mcp.accept(known(name), tools)),
    ),
    rejectTools: os.connections.rejectTools.handler(({ input: { name, tools } }) =>
      review('connections.rejectTools', name, tools, () => mcp.reject(known(name), tools)),
    ),
    undoReview: os.connections.undoReview.handler(({ input: { name, tools } }) =>
      review('connections.undoReview', name, tools, () => mcp.undoReview(known(name), tools)),
    ),
    setToolsEnabled: os.connections.setToolsEnabled.handler(({ input: { name, tools, enabled } }) =>
      review('connections.setToolsEnabled', name, tools, () => mcp.setEnabled(known(name), tools, enabled)),
    ),
    setToolPermission: os.connections.setToolPermission.handler(({ input }) =>
      actions.change('connections.setToolPermission', subject(input.name, [input.tool]), async () => {
        await mcp.setPermission(known(input.name), input.tool, input.permission)
        return mcp.tools(input.name)
      }),
    ),
    diagnostics: os.connections.diagnostics.handler(({ input }) => mcp.diagnostics(known(input.name))),
    signIn: os.connections.signIn.handler(({ input }) =>
      actions.change('connections.signIn', { connection: input.name }, () => mcp.signIn(known(input.name))),
    ),
  }
}
