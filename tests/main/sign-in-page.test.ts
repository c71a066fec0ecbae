import { describe, expect, test } from 'vitest'
import { isSignInPage } from '../../src/main/ipc/sign-in-page.ts'

describe('the sign-in page that an upstream names', () => {
  test.each([
    'http://login.example.com/',
    'http://127.0.0.1.example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://host/share',
    'ms-settings:',
    'data:text/html,x',
    'https://user@login.example.com/',
    'https://user:word@login.example.com/',
    '//login.example.com',
    'https:',
    '',
  ])('is not opened: %s', (url) => {
    expect(isSignInPage(url)).toBe(false)
  })

  test.each([
    'https://login.example.com/authorize?x=1',
    'http://127.0.0.1:9000/authorize',
    'http://localhost/authorize',
    'http://[::1]:1/',
  ])('is opened: %s', (url) => {
    expect(isSignInPage(url)).toBe(true)
  })
})
