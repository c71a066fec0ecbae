import { writeFileSync } from 'node:fs'
import { openWorkerChannel } from '../../../src/engine/documents/sqlite/worker-channel.ts'

/** Returns its input. After `end` it ignores all messages, like SQLite in a long step, and creates a file next to the document. */
const channel = openWorkerChannel()
let path = ''
channel.listen({
  message(message) {
    if (message.kind === 'open') {
      path = message.file.path
      channel.send({
        kind: 'done',
        data: JSON.stringify({ path, parent: message.parent, environment: Object.keys(process.env), pid: process.pid }),
        records: 0,
        tookMs: 0,
      })
    } else if (message.kind === 'bytes')
      channel.send({ kind: 'chunk', bytes: message.bytes, records: message.bytes.length })
    else {
      writeFileSync(`${path}.busy`, '')
      for (;;);
    }
  },
  closed() {
    writeFileSync(path, 'closed')
    process.exit(0)
  },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
