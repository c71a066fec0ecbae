import { describe, expect, test } from 'vitest'
import { signingArguments } from '../../scripts/signing-arguments.ts'

const NOTARY = { APPLE_API_KEY: 'key.p8', APPLE_API_KEY_ID: 'id', APPLE_API_ISSUER: 'issuer' }

describe('signing on macOS', () => {
  test('rejects a release without a certificate or without notary credentials', () => {
    expect(() => signingArguments({ HALLPASS_RELEASE: '1' }, 'darwin')).toThrow(/CSC_LINK/)
    expect(() => signingArguments({ HALLPASS_RELEASE: '1', CSC_LINK: 'x.p12' }, 'darwin')).toThrow(/APPLE_API_KEY/)
    expect(() =>
      signingArguments({ HALLPASS_RELEASE: '1', CSC_LINK: 'x.p12', APPLE_API_KEY: 'key.p8' }, 'darwin'),
    ).toThrow(/notarized/)
  })

  test('signs and notarizes a release, and fails rather than leaving it unsigned', () => {
    expect(signingArguments({ HALLPASS_RELEASE: '1', CSC_NAME: 'Ada', ...NOTARY }, 'darwin')).toEqual([
      '--config.forceCodeSigning=true',
      '--config.mac.notarize=true',
    ])
  })

  test('signs a test build ad hoc, without the hardened runtime', () => {
    expect(signingArguments({ CSC_LINK: '' }, 'darwin')).toEqual([
      '--config.mac.identity=-',
      '--config.mac.hardenedRuntime=false',
      '--config.mac.notarize=false',
    ])
  })
})

test('Windows releases must be signed, and Linux packages have no signature', () => {
  expect(signingArguments({ HALLPASS_RELEASE: '1' }, 'win32')).toEqual(['--config.forceCodeSigning=true'])
  expect(signingArguments({}, 'win32')).toEqual([])
  expect(signingArguments({ HALLPASS_RELEASE: '1' }, 'linux')).toEqual([])
})
