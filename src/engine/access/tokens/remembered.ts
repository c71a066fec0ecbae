/** A set with at most `most` members. Adding another drops the oldest. */
export interface Remembered {
  add(member: string): void
  has(member: string): boolean
}

const MAX_REMEMBERED = 10_000

export function createRemembered(max = MAX_REMEMBERED): Remembered {
  const members = new Set<string>()
  return {
    has: (member) => members.has(member),
    add(member) {
      members.add(member)
      if (members.size <= max) return
      for (const oldest of members) {
        members.delete(oldest)
        break
      }
    },
  }
}
