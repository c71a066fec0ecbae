import { connect, type Socket } from 'node:net'

export interface RawReply {
  status: number
  headers: Record<string, string>
  body: string
  text: string
}

export function readReply(text: string): RawReply {
  const cut = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, cut).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: text.slice(cut + 4), text }
}

/** Sends bytes as they are and answers all that comes back until the server closes; so ask with `Connection: close`. */
export function rawRequest(port: number, bytes: string | Buffer, waitMs = 60_000): Promise<RawReply> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const timer = setTimeout(() => socket.destroy(), waitMs)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    // A reset after the answer is an answer all the same.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(readReply(text))
    })
    socket.write(bytes)
  })
}

/** Header lines to the text of a request that ends its connection. */
export function requestText(line: string, headers: readonly string[], body = ''): string {
  return [line, ...headers, 'Connection: close', '', body].join('\r\n')
}

export function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })
}
