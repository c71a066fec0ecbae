type Json = Record<string, any>

/** A client of 2026-07-28 without an SDK, which sends exactly these messages. */
export function modernCaller(url: string, token: string, options: { name?: string; capabilities?: Json } = {}) {
  let next = 1
  return {
    async send(method: string, params: Json = {}, signal?: AbortSignal): Promise<Json> {
      const response = await this.open(method, params, signal)
      const text = await response.text()
      if (!response.headers.get('content-type')?.includes('event-stream')) return JSON.parse(text) as Json
      const last =
        text
          .split('\n')
          .filter((line) => line.startsWith('data: '))
          .at(-1) ?? ''
      return JSON.parse(last.slice(6)) as Json
    },
    open(method: string, params: Json = {}, signal?: AbortSignal): Promise<Response> {
      const named = params['name'] ?? params['uri']
      return fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${token}`,
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': method,
          ...(named === undefined ? {} : { 'mcp-name': String(named) }),
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: next++,
          method,
          params: {
            ...params,
            _meta: {
              'io.modelcontextprotocol/protocolVersion': '2026-07-28',
              'io.modelcontextprotocol/clientInfo': { name: options.name ?? 'raw', version: '1' },
              'io.modelcontextprotocol/clientCapabilities': options.capabilities ?? { elicitation: { form: {} } },
              ...(params['_meta'] as Json | undefined),
            },
          },
        }),
        ...(signal === undefined ? {} : { signal }),
      })
    },
  }
}
