type Json = Record<string, any>

export interface Call {
  id: string
  name: string
  args: object
}

/** One API: how to read a request, and how to respond with a call or the final text. */
export interface Dialect {
  matches(path: string): boolean
  tools(body: Json): string[]
  results(body: Json): string[]
  /** Server-sent events, or one object for a request without a stream. */
  answer(call: Call | null, body: Json, path: string): { events: [event: string, data: unknown][] } | { body: unknown }
}

const DONE = 'done'
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : [])

/** Claude Code. */
const anthropic: Dialect = {
  matches: (path) => path.includes('/messages') && !path.includes('count_tokens'),
  tools: (body) => list(body['tools']).map((tool) => String(tool['name'])),
  results: (body) =>
    list(body['messages'])
      .flatMap((message) => list(message['content']))
      .filter((part) => part['type'] === 'tool_result')
      .map((part) => textOf(part['content'])),
  answer(call, body) {
    const block = call === null ? { type: 'text', text: DONE } : { type: 'tool_use', ...call, input: call.args }
    const reason = call === null ? 'end_turn' : 'tool_use'
    const usage = { input_tokens: 1, output_tokens: 1 }
    const message = { id: 'm', type: 'message', role: 'assistant', model: body['model'], stop_sequence: null, usage }
    if (body['stream'] !== true) return { body: { ...message, content: [block], stop_reason: reason } }
    const start =
      call === null ? { type: 'text', text: '' } : { type: 'tool_use', id: call.id, name: call.name, input: {} }
    const delta =
      call === null
        ? { type: 'text_delta', text: DONE }
        : { type: 'input_json_delta', partial_json: JSON.stringify(call.args) }
    const events = [
      { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
      { type: 'content_block_start', index: 0, content_block: start },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage },
      { type: 'message_stop' },
    ]
    return { events: events.map((event) => [event.type, event]) }
  },
}

/** opencode and Copilot CLI. */
const chatCompletions: Dialect = {
  matches: (path) => path.includes('/chat/completions'),
  tools: (body) => list(body['tools']).map((tool) => String(tool['function']?.name)),
  results: (body) =>
    list(body['messages'])
      .filter((message) => message['role'] === 'tool')
      .map((message) => textOf(message['content'])),
  answer(call, body) {
    const message =
      call === null
        ? { role: 'assistant', content: DONE }
        : {
            role: 'assistant',
            content: null,
            tool_calls: [
              {
                index: 0,
                id: call.id,
                type: 'function',
                function: { name: call.name, arguments: JSON.stringify(call.args) },
              },
            ],
          }
    const finish_reason = call === null ? 'stop' : 'tool_calls'
    const common = { id: 'c', created: 1, model: body['model'] }
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
    if (body['stream'] !== true)
      return { body: { ...common, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage } }
    const chunk = { ...common, object: 'chat.completion.chunk' }
    return {
      events: [
        ['', { ...chunk, choices: [{ index: 0, delta: message, finish_reason: null }] }],
        ['', { ...chunk, choices: [{ index: 0, delta: {}, finish_reason }], usage }],
        ['', '[DONE]'],
      ],
    }
  },
}

/** Codex. */
const responses: Dialect = {
  matches: (path) => path.includes('/responses'),
  // Tools of an MCP server are in a namespace with its name.
  tools: (body) =>
    list(body['tools']).flatMap((tool) =>
      tool['type'] === 'namespace'
        ? list(tool['tools']).map((inner) => `${tool['name']}.${inner['name']}`)
        : [String(tool['name'] ?? tool['type'])],
    ),
  results: (body) =>
    list(body['input'])
      .filter((item) => item['type'] === 'function_call_output')
      .map((item) => textOf(item['output'])),
  answer(call) {
    const cut = call?.name.indexOf('.') ?? -1
    const item =
      call === null
        ? {
            type: 'message',
            id: 'msg',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: DONE, annotations: [] }],
          }
        : {
            type: 'function_call',
            id: `fc_${call.id}`,
            call_id: call.id,
            name: call.name.slice(cut + 1),
            ...(cut === -1 ? {} : { namespace: call.name.slice(0, cut) }),
            arguments: JSON.stringify(call.args),
            status: 'completed',
          }
    const response = { id: 'r', object: 'response' }
    const usage = {
      input_tokens: 1,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 1,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 2,
    }
    const events = [
      { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
      { type: 'response.output_item.added', output_index: 0, item },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { ...response, status: 'completed', output: [item], usage } },
    ]
    return { events: events.map((event) => [event.type, event]) }
  },
}

/** Gemini CLI. */
const gemini: Dialect = {
  matches: (path) => /generateContent/i.test(path),
  tools: (body) =>
    list(body['tools'])
      .flatMap((tool) => list(tool['functionDeclarations']))
      .map((tool) => String(tool['name'])),
  results: (body) =>
    list(body['contents'])
      .flatMap((content) => list(content['parts']))
      .filter((part) => part['functionResponse'] !== undefined)
      .map((part) => textOf(part['functionResponse'].response)),
  answer(call, body, path) {
    // Side requests expect an object of some shape. With an empty one the agent continues without it.
    const text = body['generationConfig']?.responseMimeType === 'application/json' ? '{}' : DONE
    const part = call === null ? { text } : { functionCall: { name: call.name, args: call.args } }
    const answer = {
      candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    }
    return path.includes('stream') ? { events: [['', answer]] } : { body: answer }
  },
}

export const DIALECTS: readonly Dialect[] = [anthropic, chatCompletions, responses, gemini]
