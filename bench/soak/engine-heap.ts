/** The heap of an engine that was started with `--inspect`, measured through the debugger protocol. */
interface EngineHeap {
  /** Bytes in use after a full collection. */
  usedAfterCollection(): Promise<number>
  close(): void
}

const FREE_PORTS = { from: 20_000, count: 20_000 }

/** Returns a port for the debugger that is probably free. The engine doesn't start if it isn't. */
export function debuggerPort(): number {
  return FREE_PORTS.from + Math.floor(Math.random() * FREE_PORTS.count)
}

export async function openEngineHeap(port: number): Promise<EngineHeap> {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    webSocketDebuggerUrl: string
  }[]
  const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '')
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error('The debugger of the engine refused the connection.')))
  })
  const waiting = new Map<number, (result: unknown) => void>()
  let lastId = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown }
    if (id === undefined) return
    waiting.get(id)?.(result)
    waiting.delete(id)
  })

  function send(method: string): Promise<unknown> {
    lastId += 1
    const answered = new Promise((resolve) => waiting.set(lastId, resolve))
    socket.send(JSON.stringify({ id: lastId, method }))
    return answered
  }

  return {
    async usedAfterCollection() {
      // Collects twice, because the second collection frees what finalizers released in the first.
      await send('HeapProfiler.collectGarbage')
      await send('HeapProfiler.collectGarbage')
      const { usedSize } = (await send('Runtime.getHeapUsage')) as { usedSize: number }
      return usedSize
    },
    close: () => socket.close(),
  }
}
