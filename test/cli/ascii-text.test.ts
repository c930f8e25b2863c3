import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { asciiText } from '../../src/cli/ascii-text.js'
import { main } from '../../src/cli/main.js'
import { processTerminal } from '../../src/cli/terminal.js'
import { SHOP } from '../sources/places.js'

/** What a command writes where stdout and stderr are terminals, or are none. */
async function written(args: readonly string[], env: Record<string, string>, isTTY = true) {
  let text = ''
  const stream = () =>
    Object.assign(
      new PassThrough().on('data', (more: Buffer) => {
        text += String(more)
      }),
      { isTTY, columns: 70 },
    )
  const stdin = (async function* () {})()
  const surroundings = { env, stdin, stdout: stream(), stderr: stream(), cwd: () => '/' }
  await main(args, processTerminal(surroundings as unknown as NodeJS.Process))
  return text
}

const COMMANDS = [
  ['runs', '--from', SHOP],
  ['show', 'orders_20261121T085339.134_11188', '--from', SHOP],
  ['show', 'chunk_boom@latest', '--from', SHOP],
  ['show', '@latest~1', '--from', SHOP, '--json'],
  ['diff', 'events_full@latest', '--from', SHOP],
  ['help', 'environment'],
  ['runs', '--help'],
  ['show', 'käse', '--from', SHOP],
]
const ASCII = /^[\0-\x7e]*$/

describe.each(COMMANDS)('%s %s', (...args) => {
  it.each([{ LC_ALL: 'C' }, { TERM: 'dumb' }, { TERM: 'linux', LANG: 'en_US.UTF-8' }])(
    'is ASCII on a terminal with %j',
    async (env) => {
      const text = await written(args, env)
      expect(text.length).toBeGreaterThan(100)
      expect(text).toMatch(ASCII)
    },
  )
})

describe('what is more than ASCII', () => {
  it('is shown by a terminal that can, and stays as it is where there is no terminal', async () => {
    const [runs = [], show = []] = COMMANDS
    expect(await written(runs, { LANG: 'en_US.UTF-8', TERM: 'xterm' })).toMatch(/[·–…]/)
    expect(await written(show, { LANG: 'en_US.UTF-8', TERM: 'xterm' })).toMatch(/[·–…]/)
    expect(await written(show, { LC_ALL: 'C' }, false)).toMatch(/[·–…]/)
  })

  it('takes one column for each sign, and is spelled out where it is somebody’s text', () => {
    expect(asciiText('a · b – c… 3× ✗ ›é日🦀')).toBe(
      'a - b - c~ 3x x \\u203a\\u00e9\\u65e5\\ud83e\\udd80',
    )
    const json = JSON.stringify({ a: '· … é 🦀' })
    expect(JSON.parse(asciiText(json))).toEqual(JSON.parse(json))
    expect(asciiText('\u001b[31mred\u001b[39m')).toBe('\u001b[31mred\u001b[39m')
  })
})
