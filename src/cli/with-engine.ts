import { connectControl, type ControlClient } from '../control/control-client.ts'
import { dataFolder } from '../control/data-folder.ts'

/** Runs against the engine of this user's home, which must be running. */
export async function withEngine<T>(act: (client: ControlClient) => Promise<T>): Promise<T> {
  const client = await connectControl({ home: dataFolder(process.env) })
  try {
    return await act(client)
  } finally {
    client.close()
  }
}
