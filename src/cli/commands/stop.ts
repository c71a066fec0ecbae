import { withEngine } from '../with-engine.ts'

export async function stop(): Promise<void> {
  await withEngine(({ api }) => api.stop())
  process.stdout.write('Stopped Hallpass\n')
}
