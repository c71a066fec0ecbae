import type { CallContext } from './document-connector.ts'

/** Maximum size of one upload, so that a runaway script can't fill the disk of a Grist server. */
export const MAX_UPLOAD_BYTES = 1024 ** 3

/** A file to store, read no faster than the document accepts it. */
export interface AttachmentUpload {
  /** Media type of the body: a multipart form with the files, or the type of a single file. */
  contentType: string
  /** Name of a single file. Null for a multipart form, which contains the names. */
  fileName: string | null
  /** Length of the body, if known. */
  length: number | null
  body: AsyncIterable<Uint8Array>
}

interface AttachmentDownload extends AsyncIterable<Uint8Array> {
  /** Type, length and name of the file, as response headers. */
  readonly headers: Readonly<Record<string, string>>
}

/** Files of a document, in constant memory. */
export interface DocumentAttachments {
  /** Stores the files and returns their IDs. If it fails, none are stored. */
  upload(upload: AttachmentUpload, context: CallContext): Promise<number[]>
  /** Opens a file. Errors before the first byte are thrown from here, so that they get a proper status. */
  download(id: number, context: CallContext): Promise<AttachmentDownload>
}
