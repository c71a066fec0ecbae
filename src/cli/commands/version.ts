import { version } from '../../engine/version.ts'

export function printVersion(): void {
  process.stdout.write(`${version}\n`)
}
