import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const LICENSE_FILE = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i

/** Returns the packages whose files are in a bundle, by the paths of its inputs. */
export function packagesOf(inputs: readonly string[]): string[] {
  const found = inputs.flatMap((path) => {
    const [, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path.replaceAll('\\', '/')) ?? []
    return name === undefined ? [] : [name]
  })
  return [...new Set(found)].toSorted()
}

/** Returns the licenses of packages as text. Throws for a package without a license, which can't be shipped. */
export function noticesOf(root: string, packages: readonly string[]): string {
  const sections = packages.map((name) => {
    const folder = join(root, 'node_modules', name)
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      version: string
      license?: string
    }
    const files = readdirSync(folder).filter((file) => LICENSE_FILE.test(file))
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
    if (license === undefined && texts.length === 0) throw new Error(`${name} has no license.`)
    return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n')
  })
  return `Hallpass contains these packages, each under its license.\n\n${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

/** Writes the notices of the packages that a bundle contains, and of those that are installed beside it. */
export function writeNotices(root: string, inputs: readonly string[], target: string): void {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const installed = Object.keys(dependencies).filter((name) => existsSync(join(root, 'node_modules', name)))
  writeFileSync(target, noticesOf(root, [...new Set([...packagesOf(inputs), ...installed])].toSorted()))
}
