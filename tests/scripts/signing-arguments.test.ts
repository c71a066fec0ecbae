import { describe, expect, test } from 'vitest'
import { signingArguments } from '../../scripts/signing-arguments.ts'

const NOTARY = { APPLE_API_KEY: 'key.p8', APPLE_API_KEY_ID: 'id', APPLE_API_ISSUER: 'issuer' }

describe('signing on macOS', () => {
  test('a release without a certificate or without notary credentials is rejected', () => {
    expect(() => signingArguments({ HALLPASS_RELEASE: '1' }, 'darwin')).toThrow(/CSC_LINK/)
    expect(() => signingArguments({ HALLPASS_RELEASE: '1', CSC_LINK: 'x.p12' }, 'darwin')).toThrow(/APPLE_API_KEY/)
    expect(() =>
      signingArguments({ HALLPASS_RELEASE: '1', CSC_LINK: 'x.p12', APPLE_API_KEY: 'key.p8' }, 'darwin'),
    ).toThrow(/notarized/)
  })

  test('a release is signed, notarized, and fails rather than being left unsigned', () => {
    expect(signingArguments({ HALLPASS_RELEASE: '1', CSC_NAME: 'Ada', ...NOTARY }, 'darwin')).toEqual([
      '--config.forceCodeSigning=true',
      '--config.mac.notarize=true',
    ])
  })

  test('a test build is signed ad hoc, without the hardened runtime', () => {
    expect(signingArguments({ CSC_LINK: '' }, 'darwin')).toEqual([
      '--config.mac.identity=-',
      '--config.mac.hardenedRuntime=false',
      '--config.mac.notarize=false',
    ])
  })
})

test('a Windows release must be signed; Linux packages carry no signature', () => {
  expect(signingArguments({ HALLPASS_RELEASE: '1' }, 'win32')).toEqual(['--config.forceCodeSigning=true'])
  expect(signingArguments({}, 'win32')).toEqual([])
  expect(signingArguments({ HALLPASS_RELEASE: '1' }, 'linux')).toEqual([])
})
