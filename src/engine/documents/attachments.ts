import type { CallContext } from './document-connector.ts'

/** A file to store, read no faster than the document takes it. */
export interface AttachmentUpload {
  /** The type of the body: a multipart form with the files, or that of the one file. */
  contentType: string
  /** Name of the one file. Null for a multipart form, which names its files. */
  fileName: string | null
  /** Length of the body, if known. */
  length: number | null
  body: AsyncIterable<Uint8Array>
}

export interface AttachmentDownload extends AsyncIterable<Uint8Array> {
  /** Type, length and name of the file, as response headers. */
  readonly headers: Readonly<Record<string, string>>
}

/** Files of a document, in constant memory. */
export interface DocumentAttachments {
  /** Stores the files and returns their IDs. A failure stores none. */
  upload(upload: AttachmentUpload, context: CallContext): Promise<number[]>
  /** Opens a file. Errors before the first byte are thrown from here, so that they get a proper status. */
  download(id: number, context: CallContext): Promise<AttachmentDownload>
}
