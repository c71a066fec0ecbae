import type { PayloadPart } from '../../contract/request-details.ts'
import { invalidRequest } from '../../contract/errors.ts'
import { printable } from '../../engine/text/visible-text.ts'
import { usageError } from '../errors.ts'
import { withEngine } from '../with-engine.ts'

/** Prints what a request sent and got. */
export async function logsPayload(row: string): Promise<void> {
  if (!/^[1-9]\d{0,14}$/.test(row)) throw usageError('The row is a number, as in the log (hallpass logs -o json).')
  const payload = await withEngine(({ api }) => api.requests.payload({ id: Number(row) }))
  if (payload === null)
    throw invalidRequest(
      `Request ${row} has no recorded payload. Record those of a project: hallpass update project NAME --payloads 7d`,
      'row',
    )
  process.stdout.write(`${partText('Request', payload.request)}\n${partText('Response', payload.response)}`)
}

function partText(title: string, { head, body, bytes, cut, binary }: PayloadPart): string {
  const note = binary ? ', not text' : cut ? `, the first ${Buffer.byteLength(body)} shown` : ''
  const lines = [
    `${title} (${bytes} bytes${note})`,
    ...(head === null ? [] : [head, '']),
    ...(body === '' ? [] : [body]),
  ]
  return `${lines.map((line) => printable(line)).join('\n')}\n`
}
