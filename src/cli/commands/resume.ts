import { withEngine } from '../with-engine.ts'

export async function resume(): Promise<void> {
  await withEngine(({ api }) => api.resume())
  process.stdout.write('Access resumed\n')
}
