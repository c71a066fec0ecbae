import { createRouterClient } from '@orpc/server'
import { clientLaunch } from '../../control/client-launch.ts'
import { startControlServer } from '../../control/control-server.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import type { EngineOptions } from '../../engine/engine-options.ts'
import { startEngine } from '../../engine/index.ts'

export interface OwnEngine {
  owner: OwnerClient
  /** Resolves when the owner stops the engine through any interface. */
  stopRequested: Promise<void>
  /** Writes the log's pending rows before returning. */
  flushLog(): void
  stop(): Promise<void>
}

/**
 * Runs an engine in this process that also listens on the control socket, so that the command line and stdio clients
 * find it like a headless one. It is a separate bundle, because the engine is an ES module for the newest Node and the
 * shell is neither. `client` is the command that starts Hallpass for an MCP client.
 */
export async function runOwnEngine(options: EngineOptions, client?: readonly string[]): Promise<OwnEngine> {
  const engine = await startEngine({ clients: clientLaunch(options.home, process.env, client), ...options })
  try {
    const control = await startControlServer({
      home: options.home,
      router: engine.ownerRouter,
      serveStream: engine.serveStream,
    })
    return {
      owner: createRouterClient(engine.ownerRouter) as OwnerClient,
      stopRequested: engine.stopRequested,
      flushLog: () => engine.flushLog(),
      async stop() {
        try {
          await control.close()
        } finally {
          await engine.stop()
        }
      },
    }
  } catch (thrown) {
    await engine.stop()
    throw thrown
  }
}
