import type { SessionRecord, TokenRecord } from '../../../../contract/records.ts'

/** A row of the list: a token, one of its session tokens, or the heading of those that the owner created. */
export type Line =
  | { kind: 'token'; token: TokenRecord; sessions: readonly SessionRecord[] }
  | { kind: 'session'; session: SessionRecord; level: number }
  | { kind: 'heading' }

export type TokenLine = Extract<Line, { kind: 'token' }>

export function keyOf(line: Line): string {
  if (line.kind === 'token') return `token:${line.token.name}`
  return line.kind === 'session' ? `session:${line.session.id}` : 'heading'
}

/** Session tokens of each token by its name. Those of the owner have no token, even if one is called "owner". */
export function sessionsByToken(sessions: readonly SessionRecord[]): Map<string, SessionRecord[]> {
  const groups = new Map<string, SessionRecord[]>()
  for (const session of sessions) {
    if (session.of_owner) continue
    const known = groups.get(session.parent)
    if (known === undefined) groups.set(session.parent, [session])
    else known.push(session)
  }
  return groups
}

/** The group of the owner's session tokens, with its heading. */
export function ownerLines(sessions: readonly SessionRecord[]): Line[] {
  const own = sessions.filter(({ of_owner: ofOwner }) => ofOwner)
  if (own.length === 0) return []
  return [{ kind: 'heading' }, ...own.map((session): Line => ({ kind: 'session', session, level: 1 }))]
}
