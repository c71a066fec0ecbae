import { connectControl, type ControlClient } from '../control/control-client.ts'
import { dataFolder } from '../control/data-folder.ts'

/** Calls `action` with a client of this data folder's engine, which must be running. */
export async function withEngine<T>(action: (client: ControlClient) => Promise<T>): Promise<T> {
  const client = await connectControl({ home: dataFolder(process.env) })
  try {
    return await action(client)
  } finally {
    client.close()
  }
}
