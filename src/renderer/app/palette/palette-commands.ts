import { t } from '../../../contract/text/translate.ts'
import type { Found, FoundItem } from '../../../contract/owner-api/search-api.ts'

/** What can be done with something that is found. `kinds` are those that it applies to. */
const PALETTE_VERBS = [
  { verb: 'revoke', label: t`Revoke`, kinds: ['token', 'session'], opens: true },
  { verb: 'end', label: t`End`, kinds: ['session'], opens: true },
  { verb: 'pause', label: t`Pause`, kinds: ['token'], opens: false },
  { verb: 'resume', label: t`Resume`, kinds: ['token'], opens: false },
  { verb: 'extend', label: t`Extend`, kinds: ['token'], opens: true },
  { verb: 'rotate', label: t`Rotate secret of`, kinds: ['token'], opens: true },
  { verb: 'remove', label: t`Remove`, kinds: ['connection'], opens: true },
  { verb: 'test', label: t`Test`, kinds: ['connection'], opens: false },
] as const satisfies readonly { verb: string; label: string; kinds: readonly Found['kind'][]; opens: boolean }[]
type PaletteVerb = (typeof PALETTE_VERBS)[number]

export interface PaletteAction {
  verb: PaletteVerb
  kind: Found['kind']
  item: FoundItem
  /** With "…" if a dialog asks for more. */
  label: string
}

/** Splits "revoke nig" into the verbs that its first word begins, and the rest. Null without a verb or a rest. */
export function readCommand(text: string): { verbs: PaletteVerb[]; rest: string } | null {
  const [, word = '', rest = ''] = /^\s*([a-z]{2,})\s+(\S.*)$/i.exec(text) ?? []
  const verbs = PALETTE_VERBS.filter(({ verb }) => word !== '' && verb.startsWith(word.toLowerCase()))
  return verbs.length === 0 ? null : { verbs, rest: rest.trim() }
}

/** Returns the actions of the verbs on what was found for the rest, in the order of what was found. */
export function actionsOn(verbs: readonly PaletteVerb[], found: readonly Found[]): PaletteAction[] {
  return verbs.flatMap((verb) =>
    found
      .filter(({ kind }) => verb.kinds.some((each) => each === kind))
      .flatMap(({ kind, items }) =>
        items
          .filter((item) => isPossible(verb, item))
          .map((item) => ({ verb, kind, item, label: `${verb.label} ${item.name}${verb.opens ? '…' : ''}` })),
      ),
  )
}

function isPossible({ verb }: PaletteVerb, { state, project }: FoundItem): boolean {
  if (verb === 'remove') return project !== null
  if (verb === 'test') return true
  if (verb === 'pause') return state === 'active'
  if (verb === 'resume') return state === 'paused'
  return state === 'active' || state === 'paused'
}

/** Returns whether every word of the text occurs in the label. */
export function matchesWords(label: string, text: string): boolean {
  const folded = label.toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => folded.includes(word))
}
