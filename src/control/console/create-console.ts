import { z } from 'zod'
import {
  CONSOLE_HEADER,
  CONSOLE_PATH,
  CONSOLE_RPC_PATH,
  CONSOLE_SESSION_PATH,
  CONSOLE_SIGN_IN_PATH,
  CONSOLE_SIGN_OUT_PATH,
} from '../../contract/owner-api/console-api.ts'
import { asHallpassError, HallpassError } from '../../contract/errors.ts'
import type { ConsoleExchange, WebConsole, ConsoleParts, CreateConsole } from '../../engine/web-console.ts'
import { createConsoleCalls, sendError, signedOut } from './console-calls.ts'
import { cookiesOf, endedCookie, sessionCookie } from './console-cookie.ts'
import { openConsoleFiles } from './console-files.ts'
import { createConsoleSessions } from './console-sessions.ts'
import { FILE_HEADERS, freshPage } from './page-headers.ts'
import { createSignInCodes } from './sign-in-codes.ts'
import { SIGN_IN_PAGE, SIGN_IN_SCRIPT, SIGN_IN_SCRIPT_PATH } from './sign-in-page.ts'
import { windowPaths } from './window-half.ts'

const PAGE = `${CONSOLE_PATH}/`
const GET = ['GET', 'HEAD']
const POST = ['POST']
const SIGN_IN_BODY_LIMIT = 1024
const signInSchema = z.strictObject({ code: z.string().regex(/^[A-Za-z0-9_-]{43}$/) })

const NOT_BUILT = "The web console isn't built. Run npm run build, then restart the engine."

/**
 * The web console of a headless engine: the renderer's build in `folder`, sign-in by link, and the window's half of the
 * owner API for signed-in pages. The HTTP server has already checked route, Host and Origin. `folder` is null if the
 * renderer wasn't built.
 */
export function createConsole(folder: string | null): CreateConsole {
  return (parts) => (folder === null ? absentConsole() : webConsole(folder, parts))
}

function absentConsole(): WebConsole {
  const reject = () => {
    throw new HallpassError('INVALID_REQUEST', NOT_BUILT)
  }
  return {
    address: () => undefined,
    signInLink: reject,
    signOutAll: reject,
    methods: () => null,
    serve: reject,
    close: () => undefined,
  }
}

function webConsole(folder: string, { clock, signIns, opener, url, router }: ConsoleParts): WebConsole {
  const files = openConsoleFiles(folder)
  const codes = createSignInCodes(clock)
  const sessions = createConsoleSessions(clock, signIns)
  const call = createConsoleCalls(router)
  const calls = new Set(windowPaths().map((path) => CONSOLE_RPC_PATH + path))

  function servePage({ request, headers, send }: ConsoleExchange): void {
    const signedIn = sessions.ofCookies(cookiesOf(request, url())) !== null
    const page = freshPage(signedIn ? files.index : SIGN_IN_PAGE)
    if (signedIn) send(200, { ...headers, ...page.headers }, page.body)
    else send(401, { ...headers, ...page.headers, 'WWW-Authenticate': 'Bearer realm="hallpass"' }, page.body)
  }

  function serveSignInPage({ headers, send }: ConsoleExchange): void {
    const page = freshPage(SIGN_IN_PAGE)
    send(200, { ...headers, ...page.headers }, page.body)
  }

  function serveFile({ path, headers, send }: ConsoleExchange): void {
    const file = files.get(path.slice(PAGE.length))
    if (file === null) throw new HallpassError('NOT_FOUND', 'File not found.')
    const cached = file.immutable ? 'private, max-age=31536000, immutable' : 'no-cache'
    send(200, { ...headers, ...FILE_HEADERS, 'Content-Type': file.mediaType, 'Cache-Control': cached }, file.body)
  }

  async function signIn(exchange: ConsoleExchange): Promise<void> {
    const { request, requestId, client, headers, send } = exchange
    requireOwnPage(exchange)
    const body = signInSchema.safeParse(await exchange.readJson(SIGN_IN_BODY_LIMIT))
    if (!body.success)
      throw new HallpassError('INVALID_REQUEST', 'The body must be {"code": "…"} with the code from a sign-in link.')
    const good = codes.redeem(body.data.code)
    const row = opener.openRow({
      request_id: requestId,
      transport: 'control',
      token_kind: good ? 'owner' : null,
      method: 'console.signIn',
      client,
    })
    try {
      if (!good) {
        throw new HallpassError('INVALID_TOKEN', 'This link has expired or was already used.')
      }
      sessions.end(cookiesOf(request, url()))
      const { cookie, key } = sessions.start()
      const set = { 'Content-Type': 'application/json; charset=utf-8', 'Set-Cookie': sessionCookie(url(), cookie) }
      send(200, { ...headers, ...set }, JSON.stringify({ key }))
      row.close({ status: 200 })
    } catch (thrown) {
      const { status, code } = asHallpassError(thrown, requestId)
      row.close({ status, code })
      throw thrown
    }
  }

  function signOut(exchange: ConsoleExchange): void {
    requireOwnPage(exchange)
    sessions.end(cookiesOf(exchange.request, url()))
    exchange.send(204, { ...exchange.headers, 'Set-Cookie': endedCookie(url()) }, '')
  }

  async function serveCall(exchange: ConsoleExchange): Promise<void> {
    try {
      const key = requireOwnPage(exchange)
      const session = sessions.ofPage(cookiesOf(exchange.request, url()), key)
      if (session === null) throw signedOut()
      exchange.keepPlace()
      await call(exchange, session)
    } catch (thrown) {
      if (!(thrown instanceof HallpassError) || exchange.response.headersSent) throw thrown
      sendError(exchange, thrown)
    }
  }

  return {
    address: () => url() + PAGE,
    signInLink() {
      const { code, expiresAt } = codes.create()
      return { url: `${url()}${CONSOLE_SIGN_IN_PATH}#${code}`, expires_at: new Date(expiresAt).toISOString() }
    },
    signOutAll() {
      codes.clear()
      return { browsers: sessions.endAll() }
    },
    methods(path) {
      if (path.startsWith(`${CONSOLE_RPC_PATH}/`)) return calls.has(path) ? POST : null
      if (path === CONSOLE_SESSION_PATH || path === CONSOLE_SIGN_OUT_PATH) return POST
      const known =
        path === CONSOLE_PATH || path === PAGE || path === CONSOLE_SIGN_IN_PATH || path === SIGN_IN_SCRIPT_PATH
      return known || files.get(path.slice(PAGE.length)) !== null ? GET : null
    },
    async serve(exchange) {
      const { path, headers, send } = exchange
      if (path.startsWith(`${CONSOLE_RPC_PATH}/`)) return serveCall(exchange)
      switch (path) {
        case CONSOLE_SESSION_PATH:
          return signIn(exchange)
        case CONSOLE_SIGN_OUT_PATH:
          return signOut(exchange)
        case CONSOLE_SIGN_IN_PATH:
          return serveSignInPage(exchange)
        case SIGN_IN_SCRIPT_PATH:
          return send(
            200,
            { ...headers, ...FILE_HEADERS, 'Content-Type': 'text/javascript; charset=utf-8' },
            SIGN_IN_SCRIPT,
          )
        case CONSOLE_PATH:
          return send(308, { ...headers, ...FILE_HEADERS, Location: PAGE }, '')
        case PAGE:
        case `${PAGE}index.html`:
          return servePage(exchange)
        default:
          return serveFile(exchange)
      }
    },
    close() {
      codes.clear()
      sessions.close()
    },
  }
}

/**
 * Returns the console's own header, or throws if the request comes from another page. A browser names the page's origin with
 * every POST, and a form, an image or a link of another page can't set a header.
 */
function requireOwnPage({ request }: ConsoleExchange): string {
  const { origin, 'sec-fetch-site': site, [CONSOLE_HEADER]: header } = request.headers
  if (origin === undefined) throw foreignPage('missing Origin header')
  if (site !== undefined && site !== 'same-origin') throw foreignPage('the request comes from another page')
  if (typeof header !== 'string' || header === '') throw foreignPage(`missing header ${CONSOLE_HEADER}`)
  return header
}

function foreignPage(reason: string): HallpassError {
  return new HallpassError('FORBIDDEN_ORIGIN', `The web console only accepts requests from its own pages (${reason}).`)
}
