import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { McpHttpServer } from './http-server.ts'

export interface AuthorizationServer {
  origin: string
  /** Each token request's parameters. */
  asked: Record<string, string>[]
  /** Tokens that the MCP server takes now. */
  good: Set<string>
  /** How the next token answers look. */
  reply: { expires_in: number; refresh: boolean; refuse: string | null; status: number }
  authorizeAt: string | null
  /** Set: takes this client alone, by its secret, and registers none. */
  client: { id: string; secret: string } | null
  /** What the MCP server wants for a tool call; null takes any token. */
  needs: string | null
  registrations: number
  /** Each authorization request's parameters. */
  authorizations: URLSearchParams[]
  close(): Promise<void>
}

/** An OAuth 2.1 server with discovery, registration, PKCE and refresh, and an MCP server that accepts only its tokens. */
export async function protect(server: McpHttpServer): Promise<AuthorizationServer> {
  const codes = new Map<string, { challenge: string; redirect: string; scope: string }>()
  const scopes = new Map<string, string>()
  const refreshTokens = new Set<string>()
  const auth: Omit<AuthorizationServer, 'origin' | 'close'> = {
    asked: [],
    good: new Set(),
    reply: { expires_in: 3600, refresh: true, refuse: null, status: 400 },
    authorizeAt: null,
    client: null,
    needs: null,
    registrations: 0,
    authorizations: [],
  }
  let origin = ''

  const http = createServer((request, response) => {
    void (async () => {
      let text = ''
      for await (const piece of request) text += String(piece)
      const url = new URL(request.url ?? '', origin)
      const json = (status: number, value: unknown): void =>
        void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
      switch (url.pathname) {
        case '/.well-known/oauth-authorization-server':
          return json(200, {
            issuer: origin,
            authorization_endpoint: auth.authorizeAt ?? `${origin}/authorize`,
            token_endpoint: `${origin}/token`,
            ...(auth.client === null ? { registration_endpoint: `${origin}/register` } : {}),
            response_types_supported: ['code'],
            code_challenge_methods_supported: ['S256'],
            token_endpoint_auth_methods_supported: [auth.client === null ? 'none' : 'client_secret_basic'],
          })
        case '/register':
          auth.registrations += 1
          return json(201, { ...JSON.parse(text), client_id: randomUUID() })
        case '/authorize': {
          const code = randomUUID()
          auth.authorizations.push(url.searchParams)
          codes.set(code, {
            challenge: url.searchParams.get('code_challenge') ?? '',
            redirect: url.searchParams.get('redirect_uri') ?? '',
            scope: url.searchParams.get('scope') ?? '',
          })
          const back = new URL(url.searchParams.get('redirect_uri') ?? '')
          back.searchParams.set('code', code)
          back.searchParams.set('state', url.searchParams.get('state') ?? '')
          return void response.writeHead(302, { location: back.href }).end()
        }
        case '/token': {
          const form = Object.fromEntries(new URLSearchParams(text))
          auth.asked.push(form)
          if (
            auth.client !== null &&
            request.headers.authorization !==
              `Basic ${Buffer.from(`${auth.client.id}:${auth.client.secret}`).toString('base64')}`
          )
            return json(401, {
              error: 'invalid_client',
              error_description: `not ${Buffer.from((request.headers.authorization ?? '').slice(6), 'base64').toString()}`,
            })
          let scope = ''
          if (auth.reply.refuse !== null) return json(auth.reply.status, { error: auth.reply.refuse })
          if (form['grant_type'] === 'refresh_token') {
            if (!refreshTokens.has(form['refresh_token'] ?? '')) return json(400, { error: 'invalid_grant' })
          } else {
            const known = codes.get(form['code'] ?? '')
            codes.delete(form['code'] ?? '')
            const challenge = createHash('sha256')
              .update(form['code_verifier'] ?? '')
              .digest('base64url')
            scope = known?.scope ?? ''
            if (known === undefined || known.challenge !== challenge || known.redirect !== form['redirect_uri'])
              return json(400, { error: 'invalid_grant' })
          }
          const access = `at-${randomUUID()}`
          auth.good.add(access)
          scopes.set(access, scope)
          const refresh = auth.reply.refresh ? `rt-${randomUUID()}` : undefined
          if (refresh !== undefined) refreshTokens.add(refresh)
          return json(200, {
            access_token: access,
            token_type: 'Bearer',
            expires_in: auth.reply.expires_in,
            ...(refresh === undefined ? {} : { refresh_token: refresh }),
          })
        }
        default:
          return json(404, {})
      }
    })()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`

  server.intercept = (request, response) => {
    if (request.path.startsWith('/.well-known/oauth-protected-resource')) {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ resource: server.url, authorization_servers: [origin] }))
      return true
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token !== undefined && auth.good.has(token)) {
      if (
        auth.needs === null ||
        request.rpc !== 'tools/call' ||
        scopes.get(token)?.split(' ').includes(auth.needs) === true
      )
        return false
      response
        .writeHead(403, {
          'www-authenticate': `Bearer error="insufficient_scope", scope="${auth.needs}", resource_metadata="${server.origin}/.well-known/oauth-protected-resource/mcp"`,
        })
        .end()
      return true
    }
    response
      .writeHead(401, {
        'www-authenticate': `Bearer resource_metadata="${server.origin}/.well-known/oauth-protected-resource/mcp"`,
      })
      .end()
    return true
  }
  return Object.assign(auth, {
    origin,
    close: async () => {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  })
}
