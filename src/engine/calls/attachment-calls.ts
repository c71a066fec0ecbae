import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { Permission } from '../../contract/grants.ts'
import type { Principal } from '../access/principal.ts'
import type { OpenConnection } from '../connections/connectors.ts'
import { MAX_UPLOAD_BYTES, type AttachmentUpload, type DocumentAttachments } from '../documents/attachments.ts'
import { untilAborted } from '../text/until-aborted.ts'
import { loggedRead, type LoggedRecordStream } from './document-streams.ts'
import type { CallOpener } from './open-call.ts'
import type { CallOrigin, CallRequest } from './running-call.ts'

export interface AttachmentStream {
  headers: Readonly<Record<string, string>>
  bytes: LoggedRecordStream
}

/** Files of documents. Failures are HallpassErrors. */
export interface AttachmentCalls {
  uploadAttachments(
    principal: Principal,
    document: string,
    upload: AttachmentUpload,
    origin: CallOrigin,
  ): Promise<number[]>
  openAttachment(principal: Principal, document: string, id: number, origin: CallOrigin): Promise<AttachmentStream>
  attachmentHeaders(
    principal: Principal,
    document: string,
    id: number,
    origin: CallOrigin,
  ): Promise<AttachmentStream['headers']>
}

export function createAttachmentCalls(
  opener: CallOpener,
  openConnection: (name: string) => OpenConnection,
  maxUploadBytes = MAX_UPLOAD_BYTES,
): AttachmentCalls {
  function requestOf(
    principal: Principal,
    connection: string,
    permission: Permission,
    origin: CallOrigin,
    about: Pick<CallRequest, 'method' | 'resource'>,
  ): CallRequest {
    return {
      principal,
      origin,
      connection,
      ...about,
      // The tables that a file belongs to are unknown, so a token limited to tables could read files of other tables.
      demand: () => ({ permission, connection, ...(permission === 'read' ? { wholeDocument: true } : {}) }),
      deniedSentence: (reason) =>
        reason === 'whole-document'
          ? 'Permission denied: this token is limited to certain tables, and attachments belong to the whole document.'
          : undefined,
    }
  }

  function attachmentsOf({ row, connector }: OpenConnection): DocumentAttachments {
    if (connector.attachments !== null) return connector.attachments
    throw invalidRequest(
      `Document "${row.name}" is a SQLite file, which has no attachments. Only Grist documents do.`,
      'document',
    )
  }

  async function download(principal: Principal, document: string, id: number, origin: CallOrigin) {
    const about = { method: 'download_attachment', resource: `attachment ${id}` }
    const running = opener.open(requestOf(principal, document, 'read', origin, about))
    try {
      const opened = openConnection(document)
      const attachments = attachmentsOf(opened)
      running.reaches(opened.row.id)
      const file = await untilAborted(
        attachments.download(id, opened.context(running.signal, running.share)),
        running.signal,
      )
      running.answered()
      return { file, running }
    } catch (thrown) {
      throw running.fail(wrongId(thrown))
    }
  }

  return {
    async uploadAttachments(principal, document, upload, origin) {
      const about = { method: 'upload_attachments', resource: null }
      const running = opener.open(requestOf(principal, document, 'write', origin, about))
      let bytesIn = 0
      async function* counted(): AsyncIterable<Uint8Array> {
        for await (const piece of upload.body) {
          running.check()
          bytesIn += piece.byteLength
          if (bytesIn > maxUploadBytes) throw uploadTooLarge(maxUploadBytes)
          running.payload?.request.add(piece)
          yield piece
        }
      }
      try {
        const opened = openConnection(document)
        const attachments = attachmentsOf(opened)
        if ((upload.length ?? 0) > maxUploadBytes) throw uploadTooLarge(maxUploadBytes)
        running.reaches(opened.row.id)
        const stored = attachments.upload({ ...upload, body: counted() }, opened.context(running.signal, running.share))
        const ids = await untilAborted(stored, running.signal)
        running.answered()
        running.check()
        running.finish({ status: 200, records: ids.length, bytes_in: bytesIn })
        return ids
      } catch (thrown) {
        throw running.fail(thrown, { bytes_in: bytesIn })
      }
    },

    async openAttachment(...which) {
      const { file, running } = await download(...which)
      const stream = { records: 1, [Symbol.asyncIterator]: () => file[Symbol.asyncIterator]() }
      return { headers: file.headers, bytes: loggedRead(stream, running) }
    },

    async attachmentHeaders(...which) {
      const { file, running } = await download(...which)
      try {
        // Ends the download at its first piece.
        for await (const _piece of file) break
        running.finish({ status: 200, records: 0, bytes_out: 0 })
        return file.headers
      } catch (thrown) {
        throw running.fail(thrown)
      }
    },
  }
}

function uploadTooLarge(maxBytes: number): HallpassError {
  const size = `${(maxBytes / 1024 ** 2).toLocaleString('en-US')} MiB`
  return new HallpassError(
    'PAYLOAD_TOO_LARGE',
    `The upload is larger than ${size}. Send the files in several requests.`,
    {
      details: { max_bytes: maxBytes },
    },
  )
}

function wrongId(thrown: unknown): unknown {
  return thrown instanceof HallpassError && thrown.code === 'GRIST_ERROR' && thrown.field === undefined
    ? thrown.reworded(thrown.message, { field: 'id' })
    : thrown
}
