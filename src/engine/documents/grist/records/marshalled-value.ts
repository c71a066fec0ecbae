/** Returns the value of a cell that Grist stores in Python's marshal format (version 2), or undefined if it isn't one. */
export function marshalledValue(bytes: readonly number[]): unknown {
  const buffer = Buffer.from(bytes)
  let at = 0

  function take(length: number): Buffer {
    if (length < 0 || at + length > buffer.length) throw new RangeError('The value ends early.')
    at += length
    return buffer.subarray(at - length, at)
  }
  const int32 = (): number => take(4).readInt32LE(0)

  function read(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new RangeError('The value is nested too deeply.')
    const code = String.fromCharCode(take(1)[0] ?? 0)
    switch (code) {
      case 'N':
        return null
      case 'T':
        return true
      case 'F':
        return false
      case 'i':
        return int32()
      case 'I':
        return exact(take(8).readBigInt64LE(0))
      case 'g':
        return take(8).readDoubleLE(0)
      case 'u':
      case 's':
        return take(int32()).toString()
      case '[':
      case '(':
        return Array.from({ length: checkedLength(int32()) }, () => read(depth + 1))
      case '{': {
        const entries: [string, unknown][] = []
        for (let key = read(depth + 1); key !== END; key = read(depth + 1)) entries.push([String(key), read(depth + 1)])
        return Object.fromEntries(entries)
      }
      case '0':
        return END
      default:
        throw new RangeError('Unknown type code.')
    }
  }

  function checkedLength(length: number): number {
    if (length < 0 || length > buffer.length) throw new RangeError('The list is longer than its value.')
    return length
  }

  try {
    const value = read(0)
    return at === buffer.length && value !== END ? value : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const MAX_DEPTH = 64
/** Ends the entries of an object. */
const END = Symbol('end')

function exact(value: bigint): number | string {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value.toString()
}
