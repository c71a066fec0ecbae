import { HallpassError } from '../../../../contract/errors.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

interface RecordSplitter {
  /** Returns the elements that the chunk completes, as the inside of a JSON array: `{…},{…}`. Empty if it completes none. */
  push(chunk: Uint8Array): string
  /** Throws if the response isn't complete. */
  end(): void
}

/**
 * Finds the objects in the list of `{…, "records": [{…}, …]}` as the bytes arrive, without parsing, so that a response of any
 * size needs memory for one chunk and one unfinished record.
 */
export function createRecordSplitter({ maxRecordBytes }: { maxRecordBytes: number }): RecordSplitter {
  let depth = 0
  let inString = false
  let escaped = false
  let inList = false
  let hasList = false
  let isComplete = false
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
            hasList ||= inList
          } else if (depth === 3 && inList && start === -1) start = i
        } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
          depth -= 1
          if (depth === 2 && inList) end = i + 1
          if (depth === 0) isComplete = true
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
        // A copy, so that the rest of the chunk can be freed.
        carried.push(chunk.slice(start))
        carriedBytes += chunk.length - start
        if (carriedBytes > maxRecordBytes)
          throw new HallpassError('GRIST_ERROR', "Grist's response contains a record that is too large.")
      }
      return text
    },
    end() {
      if (!isComplete || depth !== 0) throw new HallpassError('GRIST_ERROR', "Grist's response ended early.")
      // A response without a list must not pass for an empty table.
      if (!hasList)
        throw new HallpassError(
          'GRIST_ERROR',
          "Unexpected response without records. Check that the connection's URL is a Grist server.",
        )
    },
  }
}
