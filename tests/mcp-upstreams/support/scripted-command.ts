import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../../src/engine/text/json.ts'

/** A scripted server. Its messages are in a file that a test can change while it runs. */
const SERVER = `
const { readFileSync } = require('node:fs')
const read = () => JSON.parse(readFileSync(process.argv[2], 'utf8'))
let text = ''
if (read().stderr) process.stderr.write(read().stderr)
if (read().exit !== undefined) process.exit(read().exit)
process.stdin.on('data', (chunk) => {
  text += chunk
  for (let at = text.indexOf('\\n'); at !== -1; at = text.indexOf('\\n')) {
    const { id, method, params } = JSON.parse(text.slice(0, at))
    text = text.slice(at + 1)
    const o = read()
    const send = (message) => process.stdout.write((o.bom ? '\\uFEFF' : '') + JSON.stringify({ jsonrpc: '2.0', id, ...message }) + '\\n')
    if (id === undefined || o.hangs?.includes(method)) continue
    if (o.endless === method) { for (let i = 0; i < 80; i += 1) process.stdout.write('x'.repeat(1024 * 1024)); continue }
    if (o.errors?.[method]) send({ error: o.errors[method] })
    else if (method === 'initialize') send({ result: { protocolVersion: '2025-06-18', capabilities: o.capabilities ?? { tools: {} }, serverInfo: { name: 's', version: '1' } } })
    else if (method === 'tools/list') send({ result: { tools: o.tools ?? [] } })
    else if (method === 'tools/call') send({ result: o.result ?? { content: [{ type: 'text', text: 'ran ' + params.name } ] } })
    else if (method === 'ping') send({ result: {} })
    else send({ error: { code: -32601, message: 'Method not found' } })
  }
})`

/** Writes what the server says from now on. Returns its configuration. */
export function scriptedCommand(
  folder: string,
  name: string,
  what: JsonObject,
): { kind: 'mcp'; command: string; args: string[] } {
  const [script, file] = [join(folder, 'server.cjs'), join(folder, `${name}.json`)]
  writeFileSync(script, SERVER)
  writeFileSync(file, JSON.stringify(what))
  return { kind: 'mcp', command: process.execPath, args: [script, file] }
}
