import { isObject, objectOf } from '../../engine/text/json.ts'
import { keyOf, messageLine, paramsOf, readMessage, type Message } from './message.ts'

/**
 * What a new engine needs to know so that the client doesn't have to be restarted, and what the client is waiting for.
 */
interface ClientMemory {
  /** The client's requests that the engine hasn't answered yet. */
  readonly inFlight: Map<string, Message>
  sent(message: Message): void
  /** Returns the request that this message answers, or undefined. */
  answered(message: Message): Message | undefined
  isListening(key: string): boolean
  /** Returns whether this is the first acknowledgment of its subscription. */
  acknowledged(message: Message): boolean
  /** Result of `initialize`, or null for a client of the protocol without sessions. */
  readonly introduction: Record<string, unknown> | null
  /**
   * Returns the requests that restore the client's state in a new engine, with IDs of the relay. The first is
   * `initialize`, if there was one.
   */
  replay(): { handshake: Message | null; afterwards: Message[] }
  /** Returns notifications that the client may have missed, to be sent after a replay. */
  missed(): Buffer[]
}

/** Requests that can be sent to a new engine without doing anything twice. */
const REPEATABLE: ReadonlySet<string> = new Set([
  'initialize',
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
])

export function isRepeatable(message: Message): boolean {
  return REPEATABLE.has(message.method)
}

const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId'
const REPLAY_ID = 'hallpass-replay'

export function isReplay(key: string): boolean {
  return key.startsWith(keyOf(REPLAY_ID))
}

export function createClientMemory(): ClientMemory {
  const inFlight = new Map<string, Message>()
  const subscriptions = new Map<string, Message>()
  /** Open `subscriptions/listen` requests. */
  const listening = new Map<string, Message>()
  const acknowledged = new Set<string>()
  let handshake: Message | null = null
  let introduction: Record<string, unknown> | null = null
  let initialized: Message | null = null
  let logLevel: Message | null = null
  let replays = 0

  function forgetListen(key: string): void {
    listening.delete(key)
    acknowledged.delete(key)
  }
  const underOwnId = (message: Message): Message =>
    readMessage(messageLine({ ...message.body, id: `${REPLAY_ID}-${(replays += 1)}` }))

  return {
    inFlight,
    isListening: (key) => listening.has(key),
    acknowledged(message) {
      const meta = objectOf(paramsOf(message)['_meta'])
      const key = keyOf(meta?.[SUBSCRIPTION_ID])
      const isFirst = !acknowledged.has(key)
      acknowledged.add(key)
      return isFirst
    },
    get introduction() {
      return introduction
    },
    sent(message) {
      const params = paramsOf(message)
      if (message.kind === 'request') {
        if (message.method === 'subscriptions/listen') {
          listening.set(message.key, message)
          return
        }
        inFlight.set(message.key, message)
        if (message.method === 'logging/setLevel') logLevel = message
        if (message.method === 'resources/subscribe') subscriptions.set(String(params['uri']), message)
        if (message.method === 'resources/unsubscribe') subscriptions.delete(String(params['uri']))
      } else if (message.method === 'notifications/initialized') {
        initialized = message
      } else if (message.method === 'notifications/cancelled') {
        const key = keyOf(params['requestId'])
        inFlight.delete(key)
        forgetListen(key)
      }
    },
    answered(message) {
      const request = inFlight.get(message.key) ?? listening.get(message.key)
      inFlight.delete(message.key)
      forgetListen(message.key)
      const result = message.body?.['result']
      if (request?.method === 'initialize' && isObject(result)) {
        handshake = request
        introduction = result
      }
      if (request?.method === 'resources/subscribe' && result === undefined)
        subscriptions.delete(String(paramsOf(request)['uri']))
      return request
    },
    replay: () => ({
      handshake: handshake === null ? null : underOwnId(handshake),
      afterwards: [
        ...(initialized === null ? [] : [initialized]),
        ...(logLevel === null ? [] : [underOwnId(logLevel)]),
        ...[...subscriptions.values()].map(underOwnId),
        // Uses the client's own ID, because its notifications contain it.
        ...listening.values(),
      ],
    }),
    missed() {
      const { capabilities } = introduction ?? {}
      const declared = (list: string): boolean => {
        const capability = isObject(capabilities) ? capabilities[list] : undefined
        return isObject(capability) && capability['listChanged'] === true
      }
      const changed = ['tools', 'prompts', 'resources']
        .filter(declared)
        .map((list) => ({ method: `notifications/${list}/list_changed` }))
      const updated = [...subscriptions.keys()].map((uri) => updateOf(uri))
      return [...changed, ...updated, ...[...listening.values()].flatMap(missedBy)].map(messageLine)
    },
  }
}

const LISTS: readonly [string, string][] = [
  ['toolsListChanged', 'tools'],
  ['promptsListChanged', 'prompts'],
  ['resourcesListChanged', 'resources'],
]

function updateOf(uri: unknown): { method: string; params: Record<string, unknown> } {
  return { method: 'notifications/resources/updated', params: { uri } }
}

/** Returns the notifications that a subscription asked for. */
function missedBy(listen: Message): object[] {
  const wanted = paramsOf(listen)['notifications']
  if (!isObject(wanted)) return []
  const _meta = { [SUBSCRIPTION_ID]: listen.body?.['id'] }
  const uris = Array.isArray(wanted['resourceSubscriptions']) ? (wanted['resourceSubscriptions'] as unknown[]) : []
  return [
    ...LISTS.filter(([field]) => wanted[field] === true).map(([, list]) => ({
      method: `notifications/${list}/list_changed`,
      params: { _meta },
    })),
    ...uris.map((uri) => ({ ...updateOf(uri), params: { uri, _meta } })),
  ]
}
