import { connectControl, type ControlClient } from '../control/control-client.ts'
import { homeFolder } from '../control/home-folder.ts'

/** Runs against the engine of this user's home, which must be running. */
export async function withEngine<T>(act: (client: ControlClient) => Promise<T>): Promise<T> {
  const client = await connectControl({ home: homeFolder(process.env) })
  try {
    return await act(client)
  } finally {
    client.close()
  }
}
