import { accessSync, constants } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { errorFromOwnerData, HallpassError } from '../contract/errors.ts'
import { isErrorCode } from '../contract/error-table.ts'
import type { OwnerApi } from '../contract/owner-api.ts'
import { findControlAddress } from './control-address.ts'
import { isListening } from './probe-address.ts'
import { socketFetch } from './socket-fetch.ts'
import {
  CONTROL_HOST,
  PROJECT_HEADER,
  RPC_PREFIX,
  STDIO_PATH,
  STDIO_UPGRADE,
  TOKEN_NAME_HEADER,
} from './stdio-upgrade.ts'

export type OwnerClient = ContractRouterClient<OwnerApi>

export interface ControlClient {
  /** The owner API. Its errors are thrown as HallpassError with the engine's code and sentence. */
  api: OwnerClient
  /** Opens a raw MCP stream for one client, authenticated as a local token of the project. */
  openStream(project: string, tokenName?: string): Promise<Duplex>
  close(): void
}

/** Returns true if an engine of this data folder accepts connections. */
export async function engineRuns(home: string): Promise<boolean> {
  const path = findControlAddress(home)
  return path !== null && isListening(path)
}

/** Connects to the engine of this data folder. If none runs, throws a HallpassError that says how to start one. */
export async function connectControl({ home }: { home: string }): Promise<ControlClient> {
  const path = findControlAddress(home)
  if (path === null || !(await isListening(path))) {
    throw new HallpassError(
      'UPSTREAM_ERROR',
      isClosed(home)
        ? `Your user can't open the data folder ${home}. Run the command as the user that Hallpass runs as, or set HALLPASS_HOME.`
        : "The Hallpass engine isn't running. Start it with hallpass serve or the desktop app.",
    )
  }
  const agent = new Agent({ keepAlive: true })
  const link = new RPCLink({
    url: `http://${CONTROL_HOST}${RPC_PREFIX}`,
    fetch: (request) => socketFetch(path, agent, request),
    interceptors: [
      async ({ next }) => {
        try {
          return await next()
        } catch (thrown) {
          throw asOwnerError(thrown)
        }
      },
    ],
  })
  return {
    api: createORPCClient<OwnerClient>(link),
    openStream: (project, tokenName) => openStream(path, project, tokenName),
    close: () => agent.destroy(),
  }
}

/** Returns true if another user's folder hides whether an engine runs. */
function isClosed(home: string): boolean {
  try {
    accessSync(home, constants.X_OK)
    return false
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EACCES'
  }
}

/** Rebuilds the engine's error as it was thrown there. Our own interruptions pass through unchanged. */
export function asOwnerError(thrown: unknown): unknown {
  if (thrown instanceof ORPCError) {
    return errorFromOwnerData(thrown.data, thrown.message) ?? new HallpassError('INTERNAL', thrown.message)
  }
  if (thrown instanceof Error && thrown.name !== 'AbortError') {
    return new HallpassError('UPSTREAM_ERROR', 'Lost the connection to the Hallpass engine.', { cause: thrown })
  }
  return thrown
}

function openStream(socketPath: string, project: string, tokenName: string | undefined): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      socketPath,
      path: STDIO_PATH,
      agent: false,
      headers: {
        host: CONTROL_HOST,
        connection: 'Upgrade',
        upgrade: STDIO_UPGRADE,
        [PROJECT_HEADER]: project,
        ...(tokenName === undefined ? {} : { [TOKEN_NAME_HEADER]: tokenName }),
      },
    })
    request.on('upgrade', (_response, socket: Duplex, head: Buffer) => {
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => reject(errorFromBody(Buffer.concat(chunks).toString('utf8'))))
      response.on('error', reject)
    })
    request.on('error', (error) => reject(asOwnerError(error)))
    request.end()
  })
}

function errorFromBody(body: string): HallpassError {
  try {
    const { code, error } = JSON.parse(body) as { code?: unknown; error?: unknown }
    return new HallpassError(isErrorCode(code) ? code : 'INTERNAL', String(error))
  } catch (thrown) {
    return new HallpassError('INTERNAL', 'The engine rejected the connection without a reason.', { cause: thrown })
  }
}
