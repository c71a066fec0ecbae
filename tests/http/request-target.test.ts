import { describe, expect, test } from 'vitest'
import { shapeProblem } from '../../src/engine/http/json-shape.ts'
import { readTarget, shownPath } from '../../src/engine/http/request-target.ts'

const NO_LIMITS = { keys: Infinity, allKeys: Infinity, nameBytes: Infinity }

describe('request targets', () => {
  test.each([
    '',
    '*',
    'a',
    '//a',
    '/a//b',
    '/a/./b',
    '/a/..',
    '/a/%2e%2e/b',
    '/a%2Fb',
    '/a%5cb',
    '/a\\b',
    '/a%00',
    '/a%0d%0ab',
    '/a%7f',
    '/a%',
    '/a%zz',
    '/a#b',
    '/a?b#c',
    '/a b',
    '/ä',
    'http://h/a',
    'h:80',
  ])('rejects %j', (url) => {
    expect(readTarget(url)).toBeNull()
  })

  test.each([
    ['/a/b?c=d?e', { path: '/a/b', search: 'c=d?e' }],
    ['/a%20b/', { path: '/a%20b/', search: '' }],
    ['/', { path: '/', search: '' }],
  ])('accepts %s', (url, target) => {
    expect(readTarget(url)).toEqual(target)
  })

  test('shows a path without query, tokens and control characters', () => {
    expect(shownPath(`/a/sess_${'x'.repeat(43)}/b\x1b?token=1`)).toBe('/a/[token]/b?')
  })

  test('counts depth by brackets outside strings only', () => {
    const deep = (text: string) => shapeProblem(Buffer.from(text), { ...NO_LIMITS, depth: 2 }) === 'depth'
    expect(deep('[[1]]')).toBe(false)
    expect(deep('[[[1]]]')).toBe(true)
    expect(deep('["[[[[\\"[[["]')).toBe(false)
    expect(deep('[[],[],[],[]]')).toBe(false)
    expect(shapeProblem(Buffer.alloc(5_000_000, '['), { ...NO_LIMITS, depth: 64 })).toBe('depth')
  })
})
