import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DIALECTS } from './dialects.ts'
import { createScript, type Step, type Transcript } from './steps.ts'

export interface ScriptedModel {
  url: string
  transcript: Transcript
  /** Paths that no dialect knows. */
  unknown: string[]
  close(): Promise<void>
}

/** A model that calls tools as scripted, in the API that the agent uses. */
export async function startScriptedModel(steps: readonly Step[]): Promise<ScriptedModel> {
  const script = createScript(steps)
  const unknown: string[] = []

  function respond(path: string, text: string, response: ServerResponse): void {
    const dialect = DIALECTS.find((one) => one.matches(path))
    if (dialect === undefined) {
      unknown.push(path)
      return json(response, { object: 'list', data: [{ id: 'scripted', object: 'model' }], models: [], totalTokens: 1 })
    }
    const body = JSON.parse(text) as Record<string, unknown>
    const answer = dialect.answer(script.next(dialect.tools(body), dialect.results(body)), body, path)
    if ('body' in answer) return json(response, answer.body)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const [event, data] of answer.events)
      response.write(
        `${event === '' ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`,
      )
    response.end()
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => respond(request.url ?? '', Buffer.concat(chunks).toString('utf8'), response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    transcript: script.transcript,
    unknown,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
