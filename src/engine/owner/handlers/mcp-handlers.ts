import { findConnection } from '../find-rows.ts'
import type { OwnerDesk } from '../owner-implementer.ts'

/** Handlers for connections of kind mcp. */
export function mcpHandlers({ os, parts, actions }: OwnerDesk) {
  const {
    store,
    connectors: { mcp },
  } = parts
  const known = (name: string): string => findConnection(store, name).name
  return {
    refreshTools: os.connections.refreshTools.handler(({ input }) =>
      actions.change('connections.refreshTools', { connection: input.name }, () => mcp.refresh(known(input.name))),
    ),
    tools: os.connections.tools.handler(({ input }) => mcp.tools(known(input.name))),
    acceptTools: os.connections.acceptTools.handler(({ input }) =>
      actions.change(
        'connections.acceptTools',
        {
          connection: input.name,
          resource: input.tools
            .map((one) => (typeof one === 'string' ? one : one.name))
            .join(',')
            .slice(0, 200),
        },
        async () => {
          await mcp.accept(known(input.name), input.tools)
          return mcp.tools(input.name)
        },
      ),
    ),
    setToolPermission: os.connections.setToolPermission.handler(({ input }) =>
      actions.change(
        'connections.setToolPermission',
        { connection: input.name, resource: input.tool.slice(0, 200) },
        async () => {
          await mcp.setPermission(known(input.name), input.tool, input.permission)
          return mcp.tools(input.name)
        },
      ),
    ),
    diagnostics: os.connections.diagnostics.handler(({ input }) => mcp.diagnostics(known(input.name))),
    signIn: os.connections.signIn.handler(({ input }) =>
      actions.change('connections.signIn', { connection: input.name }, () => mcp.signIn(known(input.name))),
    ),
  }
}
