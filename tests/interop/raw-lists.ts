import { spawn } from 'node:child_process'

type Json = Record<string, any>

export const LISTS = [
  ['tools', 'tools/list', 'name'],
  ['prompts', 'prompts/list', 'name'],
  ['resources', 'resources/list', 'uri'],
  ['resourceTemplates', 'resources/templates/list', 'uriTemplate'],
] as const

export type Lists = Record<(typeof LISTS)[number][0], Json[]>
export type Send = (method: string, params: Json) => Promise<Json>

/** Returns every page of every list, nothing validated. A list that the server doesn't have is empty. */
export async function rawLists(send: Send): Promise<Lists> {
  const lists: Lists = { tools: [], prompts: [], resources: [], resourceTemplates: [] }
  for (const [key, method] of LISTS) {
    let cursor: string | undefined
    do {
      const { result } = await send(method, cursor === undefined ? {} : { cursor })
      lists[key].push(...((result?.[key] ?? []) as Json[]))
      cursor = result?.nextCursor
    } while (cursor !== undefined && cursor !== '')
  }
  return lists
}

/** Starts a server, asks it for its lists over stdio, and ends it. */
export async function listsOfServer(program: string, args: string[], env: Record<string, string>): Promise<Lists> {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting = new Map<number, (message: Json) => void>()
  let [text, errors, next] = ['', '', 1]
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + String(chunk)).slice(-2000)
  })
  child.stdin.on('error', () => undefined)
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (text + String(chunk)).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines.filter((one) => one.startsWith('{'))) {
      const message = JSON.parse(line) as Json
      if (message['method'] === undefined) waiting.get(message['id'])?.(message)
      else if (message['id'] !== undefined)
        write({ id: message['id'], error: { code: -32601, message: 'Method not found' } })
    }
  })
  const write = (message: Json): boolean => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const send: Send = (method, params) => {
    const id = next++
    return new Promise((resolve, reject) => {
      waiting.set(id, resolve)
      child.once('exit', () => reject(new Error(`The server exited: ${errors}`)))
      write({ id, method, params })
    })
  }
  try {
    await send('initialize', {
      protocolVersion: '2025-11-25',
      // Some servers list tools only for clients that can do what these need. A command never learns of roots.
      capabilities: { sampling: {}, elicitation: {} },
      clientInfo: { name: 'compare', version: '1' },
    })
    write({ method: 'notifications/initialized' })
    return await rawLists(send)
  } finally {
    child.kill('SIGKILL')
  }
}
