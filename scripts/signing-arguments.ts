/** Each set is enough for Apple's notary service, in the order that electron-builder looks for them. */
const NOTARY_CREDENTIALS = [
  ['APPLE_API_KEY', 'APPLE_API_KEY_ID', 'APPLE_API_ISSUER'],
  ['APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD', 'APPLE_TEAM_ID'],
  ['APPLE_KEYCHAIN_PROFILE'],
]

/**
 * Returns electron-builder's arguments for signing. Without a certificate in the environment (`CSC_LINK` or `CSC_NAME`) a macOS
 * build is signed ad hoc: flipping fuses breaks Electron's own signature, and an arm64 program without a valid one is killed at
 * launch. A release (`HALLPASS_RELEASE=1`) must be signed, and on macOS notarized; throws if it can't be.
 */
export function signingArguments(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string[] {
  const has = (name: string): boolean => (environment[name] ?? '') !== ''
  const release = has('HALLPASS_RELEASE')
  if (platform === 'win32') return release ? ['--config.forceCodeSigning=true'] : []
  if (platform !== 'darwin') return []
  if (!has('CSC_LINK') && !has('CSC_NAME')) {
    if (release) throw new Error('A release needs a Developer ID certificate. Set CSC_LINK or CSC_NAME.')
    // Library validation accepts no ad-hoc signature, and the hardened runtime turns it on.
    return ['--config.mac.identity=-', '--config.mac.hardenedRuntime=false', '--config.mac.notarize=false']
  }
  const notarize = NOTARY_CREDENTIALS.some((set) => set.every(has))
  if (release && !notarize) {
    const sets = NOTARY_CREDENTIALS.map((set) => set.join(', ')).join('; or ')
    throw new Error(`A release must be notarized. Set ${sets}.`)
  }
  return [...(release ? ['--config.forceCodeSigning=true'] : []), `--config.mac.notarize=${notarize}`]
}
