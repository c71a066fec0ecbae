import { withEngine } from '../with-engine.ts'

export async function pause(): Promise<void> {
  await withEngine(({ api }) => api.pause())
  process.stdout.write('All access is paused. To resume, run hallpass resume\n')
}
