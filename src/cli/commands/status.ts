import { printOne, type Format } from '../output.ts'
import { withEngine } from '../with-engine.ts'

export async function status(options: { output: Format }): Promise<void> {
  await printOne(await withEngine(({ api }) => api.status()), options.output)
}
