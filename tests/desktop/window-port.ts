import type { Page } from 'playwright-core'

export interface PortAnswer {
  status: number
  body: any
}

/** The port as a compromised page would use it, with every byte under the test's control. */
export interface WindowPort {
  /** Sends whatever it is, unchecked. */
  send(message: unknown): Promise<void>
  /** Makes a call as the client does, at any address, and returns its answer. */
  call(address: string, input?: unknown): Promise<PortAnswer>
  /** Makes a call that may never be answered, and returns its ID. */
  ask(address: string, input?: unknown): Promise<string>
  isAnswered(id: string): Promise<boolean>
}

export async function openPort(
  page: Page,
  { origin, message = 'hallpass:port' }: { origin?: string; message?: unknown } = {},
): Promise<WindowPort> {
  const held = await page.evaluateHandle(
    ({ target, word }) => {
      const { port1, port2 } = new MessageChannel()
      const waiting = new Map<string, (answer: string) => void>()
      const answers = new Map<string, string>()
      port1.addEventListener('message', ({ data }) => {
        const id = String(JSON.parse(data).i)
        answers.set(id, data)
        waiting.get(id)?.(data)
        waiting.delete(id)
      })
      port1.start()
      window.postMessage(word, target ?? window.location.origin, [port2])
      return { port: port1, waiting, answers, next: 0 }
    },
    { target: origin, word: message },
  )
  const ask = (address: string, input?: unknown): Promise<string> =>
    held.evaluate(
      (port, { to, json }) => {
        const id = String(++port.next)
        port.port.postMessage(JSON.stringify({ i: id, p: { u: to, b: json === undefined ? undefined : { json } } }))
        return id
      },
      { to: address, json: input },
    )
  return {
    send: (sent) => held.evaluate(({ port }, data) => port.postMessage(data), sent),
    ask,
    isAnswered: (id) => held.evaluate(({ answers }, one) => answers.has(one), id),
    async call(address, input) {
      const text = await held.evaluate(
        ({ answers, waiting }, id) =>
          answers.get(id) ??
          new Promise<string>((resolve) => {
            waiting.set(id, resolve)
          }),
        await ask(address, input),
      )
      const { p } = JSON.parse(text)
      return { status: p.s ?? 200, body: p.b?.json ?? p.b }
    },
  }
}
