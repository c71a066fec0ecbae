import { StandInRefusal } from './stand-in-document.ts'

/** A response with a file. */
export class StandInFile {
  readonly file: File
  readonly bytes: Buffer
  constructor(file: File, bytes: Buffer) {
    this.file = file
    this.bytes = bytes
  }
}

/** The files of one document. */
export function createStandInAttachments() {
  const files: StandInFile[] = []

  function found(id: string): StandInFile {
    if (!/^\d+$/.test(id)) throw new StandInRefusal(400, `parameter should be an integer: ${id}`)
    const file = files[Number(id) - 1]
    if (file === undefined) throw new StandInRefusal(404, `Attachment not found: ${id}`)
    return file
  }

  return {
    async store(contentType: string, body: Buffer): Promise<number[]> {
      if (!contentType.startsWith('multipart/form-data')) throw new StandInRefusal(415, 'unsupported content-type')
      const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
      const uploads = form.getAll('upload').filter((part) => part instanceof File)
      if (uploads.length === 0) throw new StandInRefusal(400, 'missing payload')
      const ids: number[] = []
      for (const file of uploads) ids.push(files.push(new StandInFile(file, Buffer.from(await file.arrayBuffer()))))
      return ids
    },
    describe: (id: string) => ({ fileName: found(id).file.name, fileSize: found(id).bytes.length }),
    download: (id: string) => found(id),
  }
}
