import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isPlaceholder,
  redactionPattern,
  replaceMatches,
} from '../../src/journal/redaction-pattern.js'
import { RivetOtelError } from '../../src/problem.js'
import { propertyCases } from './arbitrary-journal.js'

const replace = (text: string, ...patterns: readonly string[]) =>
  replaceMatches(text, patterns.map(redactionPattern), () => '[redacted]')

function problemWith(text: string): RivetOtelError {
  try {
    redactionPattern(text)
  } catch (error) {
    if (error instanceof RivetOtelError) return error
  }
  throw new Error('nothing was thrown')
}

describe('a pattern', () => {
  it.each([
    ['\\d{4}', 'card 1234 5678', 'card [redacted] [redacted]'],
    ['(?i)acme', 'Acme ACME acme', '[redacted] [redacted] [redacted]'],
    ['(?im)^acme$', 'x\nACME\ny', 'x\n[redacted]\ny'],
    ['(?s)a.b', 'a\nb', '[redacted]'],
    ['\\p{Lu}+', 'aÄÖb', 'a[redacted]b'],
    ['.', '🦀', '[redacted]'],
    ['x*', 'abc', 'abc'],
    ['redacted', 'it was redacted', 'it was [redacted]'],
    ['^.*$', '', ''],
  ])('%s replaces what it matches in %j', (pattern, text, left) => {
    expect(replace(text, pattern)).toBe(left)
  })

  it('does not touch a placeholder, and sees what stands around it', () => {
    expect(replace('[redacted] ana', '\\w+')).toBe('[redacted] [redacted]')
    expect(replace('[redacted]ana', '^.*$')).toBe('[redacted][redacted]')
    const hashed = `[redacted:${'0a'.repeat(16)}]`
    expect(replace(hashed, '.')).toBe(hashed)
  })

  it('that overlaps another one hides what either finds', () => {
    expect(replace('abcde', 'abc', 'cde')).toBe('[redacted]')
    expect(replace('abcde', 'ab', 'de')).toBe('[redacted]c[redacted]')
  })

  it('of an application, without the flags u and g, cuts no character in half', () => {
    const left = replaceMatches('a🦀b', [/\uD83E/], () => '[redacted]')
    expect(left).toBe('a[redacted]b')
  })

  it.each(['(', '[z-a]', '(?<name', 'secret-word(', '\\', '(?i)', '(?i)('])(
    '%s is refused, and not repeated',
    (text) => {
      if (text === '(?i)') return expect(redactionPattern(text).flags).toContain('i')
      const { code, message } = problemWith(text)
      expect(code).toBe('INVALID_CONFIGURATION')
      expect(message).toMatch(/^no regular expression: \S/)
      expect(message).not.toContain('secret-word')
    },
  )

  it('that is empty or very long is refused', () => {
    expect(problemWith('').message).toMatch(/empty/)
    expect(problemWith('x'.repeat(1001)).message).toMatch(/1001 characters/)
  })

  it('that matches very often takes no longer for each match', () => {
    const left = replace('ab1'.repeat(100_000), '\\p{L}{2}', '^.', 'c')
    expect(left).toBe('[redacted]1'.repeat(100_000))
  })

  it('finds nothing in what it left', () => {
    const pattern = fc.constantFrom(
      '\\w+',
      '.',
      'a',
      '.{5}',
      '^..',
      '..$',
      '(?<=\\])a',
      '[a-e]b',
      '\\*+',
      '\\[',
      'd\\]',
    )
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '[', ']', 'é', '🦀', '*', '\n') })
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), text, (patterns, text) => {
        const once = replace(text, ...patterns)
        expect(replace(once, ...patterns)).toBe(once)
        expect(once.isWellFormed()).toBe(true)
      }),
      { numRuns: propertyCases(500) },
    )
  })
})

describe('a placeholder', () => {
  it.each(['[redacted]', `[redacted:${'f'.repeat(32)}]`])('is %s', (text) => {
    expect(isPlaceholder(text)).toBe(true)
  })

  it.each(['', 'redacted', '[redacted] x', '[redacted][redacted]', '[redacted:1]'])(
    'is not %j',
    (text) => {
      expect(isPlaceholder(text)).toBe(false)
    },
  )
})
