import { withEngine } from '../with-engine.ts'

export async function pause(): Promise<void> {
  await withEngine(({ api }) => api.pause())
  process.stdout.write('All access is paused. Go on with: hallpass resume\n')
}

export async function resume(): Promise<void> {
  await withEngine(({ api }) => api.resume())
  process.stdout.write('Access goes on.\n')
}
