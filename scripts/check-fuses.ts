import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'

/**
 * What the package must have, whatever Electron is inside: nobody runs it as plain Node or hands it options or a debugger from
 * outside, and it runs only the code of its archive. Cookies are not encrypted: there are none, and the key for them would make
 * the system ask for the keychain at every start.
 */
const WANTED = new Map<FuseV1Options, FuseState>([
  [FuseV1Options.RunAsNode, FuseState.DISABLE],
  [FuseV1Options.EnableCookieEncryption, FuseState.DISABLE],
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable, FuseState.DISABLE],
  [FuseV1Options.EnableNodeCliInspectArguments, FuseState.DISABLE],
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, FuseState.ENABLE],
  [FuseV1Options.OnlyLoadAppFromAsar, FuseState.ENABLE],
])

/** Reads the fuses of an unpacked app. Returns a sentence for each wrong one. */
export async function checkFuses(folder: string): Promise<string[]> {
  const wire = await getCurrentFuseWire(programIn(folder))
  const problems: string[] = []
  for (const [fuse, wanted] of WANTED) {
    if (wire[fuse] !== wanted)
      problems.push(`${FuseV1Options[fuse]} is not ${wanted === FuseState.ENABLE ? 'on' : 'off'}`)
  }
  return problems
}

/** Returns the program of an unpacked app: a bundle on macOS, otherwise an executable named after the app. */
export function programIn(folder: string): string {
  const found = readdirSync(folder).find(
    (name) => name === 'Hallpass.app' || name === 'Hallpass.exe' || name === 'hallpass-desktop',
  )
  if (found === undefined) throw new Error(`${folder} holds no Hallpass.`)
  return join(folder, found)
}
