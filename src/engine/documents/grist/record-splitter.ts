import { HallpassError } from '../../../contract/errors.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

export interface RecordSplitter {
  /** The elements that the chunk completes, as the inside of a JSON array: `{…},{…}`. Empty when it completes none. */
  push(chunk: Uint8Array): string
  /** Throws when the answer is not whole. */
  end(): void
}

/**
 * Finds the objects in the list of `{…, "records": [{…}, …]}` as the bytes arrive, without parsing: an answer of any
 * size is read while holding one chunk and one unfinished record.
 */
export function createRecordSplitter({ maxRecordBytes }: { maxRecordBytes: number }): RecordSplitter {
  let depth = 0
  let inString = false
  let escaped = false
  let inList = false
  let listed = false
  let whole = false
  let carried: Uint8Array[] = []
  let carriedBytes = 0

  return {
    push(chunk) {
      let start = carriedBytes > 0 ? 0 : -1
      let end = 0
      for (let i = 0; i < chunk.length; i += 1) {
        const byte = chunk[i]
        if (inString) {
          if (escaped) escaped = false
          else if (byte === BACKSLASH) escaped = true
          else if (byte === QUOTE) inString = false
          continue
        }
        if (byte === QUOTE) inString = true
        else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
          depth += 1
          if (depth === 2) {
            inList = byte === OPEN_BRACKET
            listed ||= inList
          } else if (depth === 3 && inList && start === -1) start = i
        } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
          depth -= 1
          if (depth === 2 && inList) end = i + 1
          if (depth === 0) whole = true
        }
      }
      const inRecord = inList && depth >= 3
      let text = ''
      if (end > 0) {
        text = Buffer.concat([...carried, chunk.subarray(Math.max(start, 0), end)]).toString()
        carried = []
        carriedBytes = 0
        start = -1
        if (inRecord) start = chunk.indexOf(OPEN_BRACE, end)
      }
      if (inRecord && start !== -1) {
        // A copy: the rest of the chunk need not be kept for it.
        carried.push(chunk.slice(start))
        carriedBytes += chunk.length - start
        if (carriedBytes > maxRecordBytes)
          throw new HallpassError('GRIST_ERROR', "A record in Grist's answer is too large.")
      }
      return text
    },
    end() {
      if (!whole || depth !== 0) throw new HallpassError('GRIST_ERROR', "Grist's answer broke off in the middle.")
      // An empty table is a list too; no list at all would pass for one.
      if (!listed)
        throw new HallpassError(
          'GRIST_ERROR',
          "Grist's answer has no list of records: the connection's URL may not be a Grist server's.",
        )
    },
  }
}
