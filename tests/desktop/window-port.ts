import type { Page } from 'playwright-core'

export interface PortAnswer {
  status: number
  body: any
}

/** The port as a page that was taken over would use it: what goes over it is said byte by byte. */
export interface WindowPort {
  /** Sends whatever it is, unchecked. */
  send(message: unknown): Promise<void>
  /** A call in the words of the client, at any address. Answers null when nothing comes back within `waitMs`. */
  call(address: string, input?: unknown, waitMs?: number): Promise<PortAnswer | null>
}

export async function openPort(
  page: Page,
  { origin, message = 'hallpass:port' }: { origin?: string; message?: unknown } = {},
): Promise<WindowPort> {
  const held = await page.evaluateHandle(
    ({ target, word }) => {
      const { port1, port2 } = new MessageChannel()
      const waiting = new Map<string, (answer: string) => void>()
      port1.addEventListener('message', ({ data }) => {
        const id = String(JSON.parse(data).i)
        waiting.get(id)?.(data)
        waiting.delete(id)
      })
      port1.start()
      window.postMessage(word, target ?? window.location.origin, [port2])
      return { port: port1, waiting, next: 0 }
    },
    { target: origin, word: message },
  )
  return {
    send: (sent) => held.evaluate(({ port }, data) => port.postMessage(data), sent),
    async call(address, input, waitMs = 60_000) {
      const text = await held.evaluate(
        (port, { to, json, limit }) =>
          new Promise<string | null>((resolve) => {
            const id = String(++port.next)
            setTimeout(() => resolve(null), limit)
            port.waiting.set(id, resolve)
            port.port.postMessage(JSON.stringify({ i: id, p: { u: to, b: json === undefined ? undefined : { json } } }))
          }),
        { to: address, json: input, limit: waitMs },
      )
      if (text === null) return null
      const { p } = JSON.parse(text)
      return { status: p.s ?? 200, body: p.b?.json ?? p.b }
    },
  }
}
