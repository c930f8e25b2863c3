import { execFileSync, spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bashText, bashWord } from '../../../src/cli/completion/bash-word.js'

const BREAKS = ' \t\n"\'@><=;|&(:'
const hasBash = spawnSync('bash', ['--version']).status === 0

describe('a word of bash', () => {
  it('means what it means to bash', () => {
    expect(bashText('my\\ runs.db')).toBe('my runs.db')
    expect(bashText("'it is '\\''it'\\'")).toBe("it is 'it'")
    expect(bashText('"a \\"b\\" \\$c \\d"')).toBe('a "b" $c \\d')
    expect(bashText('--from="a b')).toBe('--from=a b')
  })

  it('has no meaning here where bash would expand it', () => {
    for (const raw of ['$HOME', '"$HOME', '`ls`', '$(ls)', 'a$']) {
      expect(bashText(raw)).toBe(raw)
      expect(bashWord(raw, BREAKS)).toBeUndefined()
    }
    expect(bashWord('"closed"', BREAKS)).toBeUndefined()
  })

  it('goes on where bash takes it to begin', () => {
    expect(bashWord('--export=or', BREAKS)?.completed('--export=orders')).toBe('orders')
    expect(bashWord('--export=or', ' ')?.completed('--export=orders')).toBe('--export=orders')
    expect(bashWord('orders@', BREAKS)?.completed('orders@latest')).toBe('@latest')
    expect(bashWord('--from="a', BREAKS)?.completed('--from=a b')).toBe('a b')
  })

  it('is not gone on with what its quotes cannot hold', () => {
    expect(bashWord("'it", BREAKS)?.completed("it's")).toBeUndefined()
    expect(bashWord('"it', BREAKS)?.completed('it!')).toBeUndefined()
  })

  it.skipIf(!hasBash)(
    `is read by bash as exactly the text that it was made of${hasBash ? '' : ' (unchecked: no bash on this machine)'}`,
    () => {
      const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((it) => !/\p{Cc}/u.test(it))
      fc.assert(
        fc.property(fc.array(text, { minLength: 1, maxLength: 50 }), (texts) => {
          for (const quote of ['', '"', "'"]) {
            const words = texts.flatMap((one) => {
              const word = bashWord(quote, BREAKS)?.completed(one)
              return word === undefined ? [] : [{ one, word: `${quote}${word}${quote}` }]
            })
            const script = `printf '%s\\0' ${words.map(({ word }) => word).join(' ')}`
            const said = execFileSync('bash', ['--norc', '-c', script], {
              encoding: 'utf8',
              stdio: ['ignore', 'pipe', 'inherit'],
              env: { LC_ALL: 'C.UTF-8' },
            })
            if (words.length > 0)
              expect(said.split('\0').slice(0, -1)).toEqual(words.map(({ one }) => one))
          }
        }),
        { numRuns: 10 },
      )
    },
  )
})
