/** A bounded set: beyond `most` members the oldest is forgotten. */
export interface Remembered {
  add(member: string): void
  has(member: string): boolean
}

const MOST = 10_000

export function createRemembered(most = MOST): Remembered {
  const members = new Set<string>()
  return {
    has: (member) => members.has(member),
    add(member) {
      members.add(member)
      if (members.size <= most) return
      for (const oldest of members) {
        members.delete(oldest)
        break
      }
    },
  }
}
