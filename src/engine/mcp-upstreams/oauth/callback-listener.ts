import { randomBytes } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { invalidRequest } from '../../../contract/errors.ts'

export interface CallbackListener {
  redirectUrl: string
  /** Resolves with the query of the redirect that has this state. Rejects when the signal aborts. */
  arrival(state: string): Promise<URLSearchParams>
  close(): Promise<void>
}

/**
 * Starts a server on the loopback address for one redirect of the browser (RFC 8252, section 7.3). `fixed` is for a
 * client that was registered in advance with a path and port (0: any). Throws a HallpassError if the port is in use.
 */
export async function openCallbackListener(
  signal: AbortSignal,
  fixed: { port: number } | null = null,
): Promise<CallbackListener> {
  const path = fixed === null ? `/callback/${randomBytes(12).toString('base64url')}` : '/callback'
  const port = fixed?.port ?? 0
  const arrived = Promise.withResolvers<URLSearchParams>()
  // Nobody may be waiting when the signal aborts.
  arrived.promise.catch(() => undefined)
  let expected: string | null = null

  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    const url = URL.parse(request.url ?? '', 'http://127.0.0.1')
    if (request.method !== 'GET' || url === null || url.pathname !== path)
      return page(response, 404, 'Not found', "This page isn't in use.")
    // A web page could send a browser here, but can't know the state.
    if (expected === null || url.searchParams.get('state') !== expected)
      return page(response, 400, "Couldn't sign in", 'This sign-in has expired. Start again in Hallpass.')
    expected = null
    const failed = url.searchParams.has('error')
    page(
      response,
      200,
      failed ? "Couldn't sign in" : 'Finishing sign-in',
      failed
        ? 'The server rejected the sign-in. See Hallpass for details.'
        : 'Return to Hallpass. You can close this tab.',
    )
    arrived.resolve(url.searchParams)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE'
          ? invalidRequest(
              `Callback port ${port} is in use. Close the program that uses it, then sign in again.`,
              'config.oauth_callback_port',
              { cause },
            )
          : cause,
      )
    })
    server.listen(port, '127.0.0.1', resolve)
  })
  server.unref()
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  signal.addEventListener('abort', () => arrived.reject(signal.reason as Error), { once: true })
  return {
    redirectUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    arrival(state) {
      expected = state
      return arrived.promise
    },
    close,
  }
}

function page(response: ServerResponse, status: number, title: string, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'",
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  })
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${text}</p></html>`,
  )
}
