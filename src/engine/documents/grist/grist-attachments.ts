import { randomUUID } from 'node:crypto'
import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import type { AttachmentUpload, DocumentAttachments } from '../attachments.ts'
import type { GristClient } from './grist-client.ts'

/** Headers of a file that are passed on. Others concern the connection to Grist. */
const PASSED = ['content-type', 'content-length', 'content-disposition']
/** The form field that Grist reads files from. */
const PART = 'upload'

export function createGristAttachments(client: GristClient): DocumentAttachments {
  return {
    async upload(upload, context) {
      const body = upload.fileName === null ? upload : wrapped(upload, upload.fileName)
      const answer = await client.ask({ method: 'POST', path: '/attachments', isRead: false, upload: body }, context)
      if (!answer.ok) {
        if (answer.message === 'missing payload')
          throw invalidRequest(`Missing file. Send each file as a part of the form with the name "${PART}".`, PART)
        throw answer.error
      }
      if (!Array.isArray(answer.body) || !answer.body.every(Number.isSafeInteger))
        throw new HallpassError('GRIST_ERROR', 'Grist returned no attachment IDs. The files may have been stored.')
      return answer.body as number[]
    },
    async download(id, context) {
      const { bytes, headers } = await client.open(
        { method: 'GET', path: `/attachments/${id}/download`, isRead: true, isFile: true },
        context,
      )
      const passed = Object.fromEntries(
        PASSED.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])),
      )
      return { headers: passed, [Symbol.asyncIterator]: () => bytes[Symbol.asyncIterator]() }
    },
  }
}

/** Wraps a single file in the form that Grist requires. */
function wrapped(
  { contentType, length, body }: AttachmentUpload,
  fileName: string,
): Omit<AttachmentUpload, 'fileName'> {
  const boundary = `hallpass-${randomUUID()}`
  // Escaped the way browsers do in forms.
  const name = fileName.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="${PART}"; filename="${name}"\r\nContent-Type: ${contentType}\r\n\r\n`,
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  async function* form(): AsyncIterable<Uint8Array> {
    yield head
    yield* body
    yield tail
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length: length === null ? null : head.length + length + tail.length,
    body: form(),
  }
}
