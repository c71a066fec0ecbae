import type { AttentionItem } from '../../contract/owner-api/attention-api.ts'
import { t } from '../../contract/text/translate.ts'
import { NOTIFICATION_KINDS, type NotificationKind } from '../../contract/settings.ts'
import type { StoredMemory } from '../shell-memory.ts'
import type { Notice, Notify } from './create-notify.ts'
import { itemPath } from './item-path.ts'

interface ItemNotices {
  /** Notifies about items that opened since, of the kinds that are on. */
  see(items: readonly AttentionItem[], kinds: readonly NotificationKind[]): void
}

interface Parts {
  notify: Notify
  memory: StoredMemory
  now: () => number
  /** Returns whether the person sees the item in the window now. */
  isShown(item: AttentionItem): boolean
}

/** An item that opens again within this time is the same news. */
const SAME_NEWS_MS = 10 * 60_000
const DAY_MS = 24 * 60 * 60_000

/**
 * Notifies once about each item that needs the owner, also across restarts of the app. What the window shows, and what
 * opens again within ten minutes, is no news.
 */
export function notifyAboutItems({ notify, memory, now, isShown }: Parts): ItemNotices {
  return {
    see(items, kinds) {
      const at = now()
      const open = items.filter((item) => isNews(item, at))
      const ids = new Set(open.map(({ id }) => id))
      // Null while an item is open, else when it was seen closed.
      const before = memory.current.noticed ?? {}
      const closed = Object.entries(before)
        .map(([id, closedAt]): [string, number] => [id, closedAt ?? at])
        .filter(([id, closedAt]) => !ids.has(id) && at - closedAt < SAME_NEWS_MS)
      const reopened = (id: string): boolean => at - (before[id] ?? -Infinity) < SAME_NEWS_MS
      for (const item of open) {
        if (before[item.id] === null || reopened(item.id) || isShown(item)) continue
        if (kinds.some((kind) => kind === item.kind)) notify(noticeOf(item, at))
      }
      const after = Object.fromEntries([...closed, ...open.map(({ id }): [string, null] => [id, null])])
      if (JSON.stringify(after) !== JSON.stringify(before)) memory.store({ noticed: after })
    },
  }
}

/** A token is news on its last day. The screens list it earlier. */
function isNews({ kind, since }: AttentionItem, now: number): boolean {
  if (kind === 'token_expiring') return since !== null && Date.parse(since) - now <= DAY_MS
  return NOTIFICATION_KINDS.some((each) => each === kind)
}

function noticeOf(item: AttentionItem, now: number): Notice {
  const { kind, subject, since, sentence } = item
  const path = itemPath(item)
  const body = subject.project === null ? '' : t`Project ${subject.project}`
  switch (kind) {
    case 'connection_down':
      return { title: t`${subject.connection ?? ''} is down`, body: sentence, path }
    case 'token_expiring': {
      const token = subject.token ?? ''
      return { title: isSameDay(since, now) ? t`${token} expires today` : t`${token} expires tomorrow`, body, path }
    }
    case 'ended_token':
      return { title: t`An expired or revoked token is being tried`, body: sentence, path }
    default:
      return { title: sentence.replace(/\.$/, ''), body, path }
  }
}

function isSameDay(instant: string | null, now: number): boolean {
  return instant !== null && new Date(instant).toDateString() === new Date(now).toDateString()
}
