import { duplexPair, PassThrough, type Duplex } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import { relayStdio } from '../../src/cli/stdio/relay.ts'

type Line = Record<string, any>

interface Side {
  lines: Line[]
  say(...messages: object[]): void
  raw(text: string): void
  /** Resolves with the next line that fits. */
  next(fits: (line: Line) => boolean): Promise<Line>
}

function sideOf(readable: NodeJS.ReadableStream, writable: NodeJS.WritableStream): Side {
  const lines: Line[] = []
  let rest = ''
  readable.on('data', (chunk: Buffer) => {
    const parts = (rest + String(chunk)).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) lines.push({ ...JSON.parse(part), text: part })
  })
  return {
    lines,
    say: (...messages) => void writable.write(messages.map((one) => `${JSON.stringify(one)}\n`).join('')),
    raw: (text) => void writable.write(text),
    next: (fits) =>
      vi.waitFor(() => {
        const found = lines.find(fits)
        if (found === undefined) throw new Error(`Nothing fits among ${JSON.stringify(lines)}`)
        return found
      }),
  }
}

const INITIALIZE = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25' } }
const INTRODUCTION = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: { listChanged: true }, resources: { listChanged: true, subscribe: true } },
}
const withMethod = (method: string) => (line: Line) => line['method'] === method
const withId = (id: unknown) => (line: Line) => line['id'] === id && line['method'] === undefined

describe('the relay between a client and the engine', () => {
  let end: () => void = () => {}
  afterEach(() => end())

  async function start() {
    const input = new PassThrough()
    const output = new PassThrough()
    const client = sideOf(output, input)
    /** What the next connections answer: an engine, no engine, or an error. */
    const upcoming: (Duplex | null | Error)[] = []
    const asked: boolean[] = []
    const engines: (Side & { stream: Duplex })[] = []
    const addEngine = (): void => {
      const [ours, relays] = duplexPair()
      engines.push({ ...sideOf(ours, ours), stream: ours })
      upcoming.push(relays)
    }
    addEngine()
    const ended = relayStdio({
      input,
      output,
      connect: ({ start: mayStart }) => {
        asked.push(mayStart)
        const next = upcoming.shift() ?? null
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
      },
      report: () => {},
    })
    end = () => input.end()
    await vi.waitFor(() => expect(asked).toEqual([true]))
    const engine = (index: number): Side & { stream: Duplex } => {
      const found = engines[index]
      if (found === undefined) throw new Error('No such engine.')
      return found
    }
    return { client, engine, addEngine, upcoming, asked, ended, input }
  }

  async function initialized() {
    const parts = await start()
    const { client, engine } = parts
    client.say(INITIALIZE)
    await engine(0).next(withMethod('initialize'))
    engine(0).say({ jsonrpc: '2.0', id: 0, result: INTRODUCTION })
    await client.next(withId(0))
    client.say({ jsonrpc: '2.0', method: 'notifications/initialized' })
    await engine(0).next(withMethod('notifications/initialized'))
    return parts
  }

  async function introduceAgain(engine: Side): Promise<void> {
    const { id } = await engine.next(withMethod('initialize'))
    engine.say({ jsonrpc: '2.0', id, result: INTRODUCTION })
    await engine.next(withMethod('notifications/initialized'))
  }

  it('answers a pending call with an error, drops an incomplete line, and repeats initialize, level and subscriptions', async () => {
    const { client, engine, addEngine } = await initialized()
    client.say(
      { jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params: { level: 'error' } },
      { jsonrpc: '2.0', id: 2, method: 'resources/subscribe', params: { uri: 'a://kept' } },
      { jsonrpc: '2.0', id: 3, method: 'resources/subscribe', params: { uri: 'a://dropped' } },
      { jsonrpc: '2.0', id: 4, method: 'resources/unsubscribe', params: { uri: 'a://dropped' } },
      { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'pay' } },
      { jsonrpc: '2.0', id: 6, method: 'tools/list' },
    )
    await engine(0).next(withMethod('tools/list'))
    engine(0).say(...[1, 2, 3, 4].map((id) => ({ jsonrpc: '2.0', id, result: {} })))
    engine(0).raw('{"jsonrpc":"2.0","id":5,"resu')
    await client.next(withId(4))
    addEngine()
    engine(0).stream.end()
    expect(await client.next(withId(5))).toMatchObject({ error: { code: -32_603, data: { code: 'UPSTREAM_ERROR' } } })

    await introduceAgain(engine(1))
    const level = await engine(1).next(withMethod('logging/setLevel'))
    expect(level['params']).toEqual({ level: 'error' })
    const subscribed = await engine(1).next(withMethod('resources/subscribe'))
    engine(1).say(
      { jsonrpc: '2.0', id: level['id'], result: {} },
      { jsonrpc: '2.0', id: subscribed['id'], result: {} },
      { jsonrpc: '2.0', id: 6, result: { tools: [] } },
    )
    await client.next(withId(6))
    await client.next(
      (line) => line['method'] === 'notifications/resources/updated' && line['params'].uri === 'a://kept',
    )
    await client.next(withMethod('notifications/tools/list_changed'))
    expect(engine(1).lines.filter(withMethod('resources/subscribe'))).toHaveLength(1)
    // A list changes nothing, so it is requested again instead of failing.
    expect(engine(1).lines.filter(withMethod('tools/list'))).toHaveLength(1)
    expect(engine(1).lines.filter(withMethod('tools/call'))).toEqual([])
    expect(client.lines.map((line) => line['id']).filter((id) => id !== undefined)).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('repeats a list request only once, so that one which crashes the engine does so at most once more', async () => {
    const { client, engine, addEngine } = await initialized()
    client.say({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
    await engine(0).next(withMethod('tools/list'))
    addEngine()
    engine(0).stream.end()
    await introduceAgain(engine(1))
    await engine(1).next(withMethod('tools/list'))
    engine(1).stream.end()
    expect(await client.next(withId(1))).toMatchObject({ error: { code: -32_603 } })
  })

  it('answers pings while no engine runs, without starting one, and starts one for a call', async () => {
    const { client, engine, addEngine, asked } = await initialized()
    engine(0).stream.end()
    client.say({ jsonrpc: '2.0', id: 1, method: 'ping' })
    expect(await client.next(withId(1))).toMatchObject({ result: {} })
    expect(asked.slice(1)).not.toContain(true)
    addEngine()
    client.say({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'pay' } })
    await introduceAgain(engine(1))
    await engine(1).next(withMethod('tools/call'))
    expect(asked.at(-1)).toBe(true)
  })

  it('answers pending requests with the reason why no engine could be reached, and retries for the next request', async () => {
    const { client, engine, addEngine, upcoming } = await initialized()
    upcoming.push(new HallpassError('TOKEN_EXPIRED', 'The token was revoked.'))
    engine(0).stream.end()
    await vi.waitFor(() => expect(upcoming).toEqual([]))
    upcoming.push(new HallpassError('TOKEN_EXPIRED', 'The token was revoked.'))
    client.say({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'pay' } })
    expect(await client.next(withId(1))).toMatchObject({
      error: { message: 'The token was revoked.', data: { code: 'TOKEN_EXPIRED' } },
    })
    addEngine()
    client.say({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'pay' } })
    await introduceAgain(engine(1))
    await engine(1).next(withMethod('tools/call'))
  })

  it('cancels requests of a stopped engine, and passes none of their responses to the next one', async () => {
    const { client, engine, addEngine } = await initialized()
    engine(0).say({ jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: { message: 'first' } })
    await client.next(withMethod('elicitation/create'))
    addEngine()
    engine(0).stream.end()
    expect(await client.next(withMethod('notifications/cancelled'))).toMatchObject({ params: { requestId: 0 } })
    await introduceAgain(engine(1))
    engine(1).say({ jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: { message: 'second' } })
    const second = await client.next((line) => line['params']?.message === 'second')
    expect(second['id']).not.toBe(0)
    client.say(
      { jsonrpc: '2.0', id: 0, result: { action: 'accept', content: { of: 'first' } } },
      { jsonrpc: '2.0', id: second['id'], result: { action: 'accept', content: { of: 'second' } } },
    )
    expect(await engine(1).next(withId(0))).toMatchObject({ result: { content: { of: 'second' } } })
    expect(engine(1).lines.filter((line) => line['result'] !== undefined)).toHaveLength(1)
  })

  it('keeps subscriptions of a client without sessions open, and reports missed notifications', async () => {
    const { client, engine, addEngine } = await start()
    const _meta = { 'io.modelcontextprotocol/subscriptionId': 'listen-1' }
    const acknowledged = {
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { _meta, notifications: { toolsListChanged: true } },
    }
    client.say({
      jsonrpc: '2.0',
      id: 'listen-1',
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true, resourceSubscriptions: ['a://one'] } },
    })
    await engine(0).next(withMethod('subscriptions/listen'))
    engine(0).say(acknowledged)
    await client.next(withMethod('notifications/subscriptions/acknowledged'))
    addEngine()
    // An engine that stops cleanly announces the end of the subscription.
    engine(0).say({ jsonrpc: '2.0', id: 'listen-1', result: {} })
    engine(0).stream.end()
    expect(await engine(1).next(withMethod('subscriptions/listen'))).toMatchObject({ id: 'listen-1' })
    engine(1).say(acknowledged)
    await client.next(
      (line) => line['method'] === 'notifications/tools/list_changed' && line['params']._meta !== undefined,
    )
    await client.next(withMethod('notifications/resources/updated'))
    engine(1).say({ jsonrpc: '2.0', id: 'listen-1', result: { closed: true } })
    // The engine still runs, so it was the engine's own decision.
    expect(await client.next(withId('listen-1'))).toMatchObject({ result: { closed: true } })
    expect(client.lines.filter(withMethod('notifications/subscriptions/acknowledged'))).toHaveLength(1)
    expect(client.lines.filter(withId('listen-1'))).toHaveLength(1)
  })

  it('passes lines byte for byte and IDs beyond 2^53 exactly, also in its own responses', async () => {
    const { client, engine } = await initialized()
    const request =
      '{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/call","params":{"n":1.0,"id":12345678901234567890}}'
    client.raw(`${request}\n`)
    await vi.waitFor(() => expect(engine(0).lines.map((line) => line['text'])).toContain(request))
    engine(0).stream.end()
    await vi.waitFor(() => expect(client.lines.at(-1)?.['text']).toContain('"id":9007199254740993,'))
  })

  it('stops with a reason if the next engine speaks another protocol version', async () => {
    const { client, engine, addEngine } = await initialized()
    addEngine()
    engine(0).stream.end()
    client.say({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'pay' } })
    const { id } = await engine(1).next(withMethod('initialize'))
    engine(1).say({ jsonrpc: '2.0', id, result: { ...INTRODUCTION, protocolVersion: '2099-01-01' } })
    expect(await client.next(withId(1))).toMatchObject({ error: { code: -32_603 } })
    expect(engine(1).lines.filter(withMethod('tools/call'))).toEqual([])
  })

  it('then looks for no engine until the client sends a request', async () => {
    const { client, engine, addEngine, asked } = await initialized()
    addEngine()
    engine(0).stream.end()
    client.say({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'pay' } })
    const { id } = await engine(1).next(withMethod('initialize'))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      engine(1).say({ jsonrpc: '2.0', id, result: { ...INTRODUCTION, protocolVersion: '2099-01-01' } })
      while (!client.lines.some(withId(1))) await vi.advanceTimersByTimeAsync(0)
      const before = asked.length
      await vi.advanceTimersByTimeAsync(60 * 60_000)
      expect(asked.length).toBe(before)
      addEngine()
      client.say({ jsonrpc: '2.0', id: 2, method: 'tools/list' })
      while (asked.length === before) await vi.advanceTimersByTimeAsync(1)
      expect(asked.at(-1)).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  it('exits at the end of its input, after the pending responses', async () => {
    const { client, engine, ended, input } = await initialized()
    client.say({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'pay' } })
    input.end()
    await engine(0).next(withMethod('tools/call'))
    engine(0).say({ jsonrpc: '2.0', id: 1, result: {} })
    engine(0).stream.end()
    await ended
    expect(client.lines.filter(withId(1))).toMatchObject([{ result: {} }])
  })

  it('rejects if the first connection fails', async () => {
    await expect(
      relayStdio({
        input: new PassThrough(),
        output: new PassThrough(),
        connect: () => Promise.reject(new HallpassError('NOT_FOUND', 'No such project.')),
        report: () => {},
      }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
