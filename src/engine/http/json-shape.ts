/** Limits for a JSON body in addition to its size, because processing it later is far slower than this scan. */
interface ShapeLimits {
  depth: number
  /** Keys of one object. */
  keys: number
  /** Keys of all objects together. */
  allKeys: number
  nameBytes: number
}

type ShapeProblem = 'depth' | 'keys' | 'names'

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Returns what makes the body too large to process, or null. Scans brackets, colons and names byte by byte without
 * building anything.
 */
export function shapeProblem(json: Uint8Array, limits: ShapeLimits): ShapeProblem | null {
  const counts = new Uint32Array(limits.depth + 1)
  let depth = 0
  let all = 0
  let stringLength = 0
  for (let i = 0; i < json.length; i += 1) {
    switch (json[i]) {
      case QUOTE: {
        const start = i
        for (i += 1; i < json.length && json[i] !== QUOTE; i += 1) if (json[i] === BACKSLASH) i += 1
        stringLength = i - start - 1
        break
      }
      case 0x3a: {
        all += 1
        const own = (counts[depth] ?? 0) + 1
        counts[depth] = own
        if (own > limits.keys || all > limits.allKeys) return 'keys'
        if (stringLength > limits.nameBytes) return 'names'
        break
      }
      case 0x7b:
      case 0x5b:
        depth += 1
        if (depth > limits.depth) return 'depth'
        counts[depth] = 0
        break
      case 0x7d:
      case 0x5d:
        if (depth > 0) depth -= 1
        break
    }
  }
  return null
}
