import type { BulkWriteMethod } from '../../../contract/methods/document-methods.ts'
import { asHallpassError, errorBody } from '../../../contract/errors.ts'
import { releaseMemory } from '../../documents/release-memory.ts'
import type { DocumentCalls, DocumentOrigin } from '../../calls/document-calls.ts'
import { parseBulkTarget } from './document-request.ts'
import { NDJSON_HEADERS } from './record-stream.ts'
import type { Principal } from '../../access/principal.ts'
import { boundUnreadBody, sendText } from '../answers/send.ts'
import type { Exchange } from '../exchange.ts'
import { acceptsNdjson, checkMediaType, NDJSON_TYPE } from '../media-type.ts'
import { readPieces } from '../read-body.ts'

const DONE_WORD: Record<BulkWriteMethod, string> = {
  add_records: 'added',
  update_records: 'updated',
  upsert_records: 'upserted',
  delete_records: 'deleted',
}

/**
 * Loads NDJSON as it arrives, without holding it completely in memory. Responds once at the end, or with one line per
 * batch if the client accepts NDJSON.
 */
export async function serveBulkWrite(
  calls: DocumentCalls,
  exchange: Exchange,
  principal: Principal,
  document: string,
  origin: DocumentOrigin,
): Promise<void> {
  const target = parseBulkTarget(exchange.search)
  const field = DONE_WORD[target.method]
  // Checks the media type here, while a denial is still logged by the HTTP server.
  checkMediaType(exchange, NDJSON_TYPE)
  exchange.handedOver = true
  const batches = calls.writeStream(principal, document, target, released(readPieces(exchange)), origin)
  if (acceptsNdjson(exchange)) return streamProgress(exchange, batches, field)
  let stored = 0
  for await (const progress of batches) stored = progress.stored
  sendText(exchange, 200, JSON.stringify({ success: true, data: { [field]: stored } }))
}

async function streamProgress(
  exchange: Exchange,
  batches: AsyncIterable<{ stored: number; line: number }>,
  field: string,
): Promise<void> {
  const { response } = exchange
  let last = { stored: 0, line: 0 }
  let begun = false
  const begin = () => {
    if (!begun) response.writeHead(200, { ...exchange.headers, ...NDJSON_HEADERS })
    begun = true
  }
  try {
    for await (const progress of batches) {
      last = progress
      begin()
      // A caller may send everything before it reads. Waiting for it here would deadlock, so progress that doesn't fit
      // is skipped; later lines include it.
      if (!response.writableNeedDrain)
        response.write(`${JSON.stringify({ [field]: progress.stored, line: progress.line })}\n`)
    }
    begin()
    response.end(`${JSON.stringify({ [field]: last.stored, line: last.line, done: true })}\n`)
  } catch (thrown) {
    if (!begun) throw thrown
    boundUnreadBody(exchange)
    response.end(`${JSON.stringify(errorBody(asHallpassError(thrown, exchange.requestId), exchange.requestId))}\n`)
  }
}

/** Frees the memory of each piece when the next one is read. */
async function* released(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece
    releaseMemory(piece)
  }
}
