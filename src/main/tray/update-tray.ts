import { countAgents } from '../../contract/tokens/active-agents.ts'
import type { AttentionItem } from '../../contract/owner-api/attention-api.ts'
import type { ChangeTopic } from '../../contract/owner-api.ts'
import type { SessionRecord } from '../../contract/records.ts'
import type { Settings } from '../../contract/settings.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import type { LinkedEngine } from '../engine/create-engine-link.ts'
import type { LoginItem } from '../login-item.ts'
import type { AppTray } from './create-tray.ts'
import { followEngine } from './follow-engine.ts'
import { readProjects } from './read-projects.ts'
import type { EngineStatus, TraySnapshot } from './tray-state.ts'
import { watchRequests } from './watch-requests.ts'

interface TrayParts {
  engine: LinkedEngine
  tray: AppTray
  loginItem: LoginItem
  onStatus(status: EngineStatus, settings: Settings): void
  /** Receives the active session tokens. */
  onSessions(alive: readonly SessionRecord[]): void
  /** Receives what needs the owner, whenever it may have changed. */
  onItems(items: readonly AttentionItem[], settings: Settings): void
  onLost(): void
}

const BY_TIME_MS = 30_000
const PROJECT_TOPICS: readonly ChangeTopic[] = ['projects', 'connections', 'tokens']

/** Updates the tray from the engine's changes. */
export function updateTray(parts: TrayParts, signal: AbortSignal): { redraw(): void } {
  const { engine, tray, loginItem } = parts
  let snapshot: TraySnapshot = {
    link: engine.link,
    status: null,
    busy: false,
    projects: [],
    items: [],
    sessions: [],
    agentsActive: 0,
    now: Date.now(),
    openAtLogin: loginItem,
  }
  let settings: Settings | null = null
  let watching: AbortController | null = null

  function show(changes: Partial<TraySnapshot>): void {
    if (signal.aborted) return
    const openAtLogin = { enabled: loginItem.enabled, possible: loginItem.possible }
    snapshot = { ...snapshot, ...changes, now: Date.now(), openAtLogin }
    tray.show(snapshot)
  }

  function watch(owner: OwnerClient): void {
    watching = new AbortController()
    const { signal: ended } = watching
    watchRequests(
      owner,
      (busy) => {
        show({ busy })
        void refresh(owner).catch(() => undefined)
      },
      ended,
    ).catch(() => {
      // The engine is gone, which its link reports, or it rejected the call. The next change tries again.
      if (watching?.signal !== ended) return
      watching = null
      show({ busy: false })
    })
  }

  async function refresh(owner: OwnerClient): Promise<void> {
    const [status, active, items] = await Promise.all([
      owner.status(),
      owner.requests.active(),
      owner.attention.list({ state: 'open' }),
    ])
    show({ status, items, agentsActive: countAgents(active) })
    if (settings === null) return
    parts.onItems(items, settings)
    parts.onStatus(status, settings)
  }

  followEngine(
    engine,
    {
      async changed(owner, topics) {
        if (watching === null) watch(owner)
        if (settings === null || topics.includes('settings')) settings = await owner.settings.get()
        if (topics.some((topic) => PROJECT_TOPICS.includes(topic))) show({ projects: await readProjects(owner) })
        if (topics.includes('sessions')) {
          const sessions = await owner.sessions.list({})
          parts.onSessions(sessions)
          show({ sessions })
        }
        await refresh(owner)
      },
      lost() {
        watching?.abort()
        watching = null
        settings = null
        parts.onLost()
        show({ status: null, busy: false, items: [], sessions: [], agentsActive: 0 })
      },
    },
    signal,
  )
  // Tokens expire and items open by time alone, which no change announces.
  const timer = setInterval(() => {
    if (snapshot.status === null) return
    engine
      .owner()
      .then(refresh)
      .catch(() => undefined)
  }, BY_TIME_MS)
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  engine.follow((link) => show({ link }))
  signal.addEventListener('abort', () => watching?.abort(), { once: true })
  return { redraw: () => show({}) }
}
