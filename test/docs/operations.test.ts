import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../../src/cli/program.js'
import { processTerminal } from '../../src/cli/terminal.js'
import { rivetOtel, SHOP, temporaryFolder } from '../e2e/command-line.js'
import { failureTable, operations, publishedTable, publishTable } from './operations-document.js'

describe('docs/operations.md', () => {
  const { commands } = buildProgram('0', processTerminal(process), () => {})

  it('says of every failure what the tests show', () => {
    if (process.env.RIVET_OTEL_WRITE_DOCS === '1') publishTable()
    expect(publishedTable()).toBe(failureTable())
  })

  it('says what each exit code means, for every command', () => {
    const [, rows = ''] =
      /\n\| command \| 0 \| 1 \| 3 \|\n.*\n((?:\|.*\n)+)/.exec(operations()) ?? []
    const named = [...rows.matchAll(/`([a-z]+)`(?=[^|]*\|)/g)].map(([, name = '']) => name)
    expect(named).toEqual(
      expect.arrayContaining(
        commands.map((command) => command.name()).filter((name) => name !== 'help'),
      ),
    )
  })

  it('shows what export prints', async () => {
    const [, words = '', said = ''] =
      /^\$ rivet-otel (export .*)\n([\s\S]*?)\n```/m.exec(operations()) ?? []
    const args = words.split(' ').map((word) => (word.endsWith('.db') ? SHOP : word))
    const out = await rivetOtel(args, { cwd: temporaryFolder() })
    expect(out).toMatchObject({ code: 0, stdout: `${said}\n` })
  })

  it('shows only commands and options that exist', () => {
    const fences = [...operations().matchAll(/^```(?:sh|cron)\n([\s\S]*?)\n```$/gm)]
    const shown = fences.flatMap(([, text = '']) =>
      text.split('\n').filter((line) => line.includes('rivet-otel ')),
    )
    expect(shown.length).toBeGreaterThan(3)
    for (const line of shown) {
      // What exec runs has options of its own.
      const own = line.replace(/^.*?rivet-otel /, '').replace(/ -- .*/, '')
      const [name, ...words] = own.split(' ')
      const options = commands.find((command) => command.name() === name)?.options ?? []
      const known = options.map(({ long }) => long)
      expect(known, line).toEqual(
        expect.arrayContaining(words.filter((word) => word.startsWith('--'))),
      )
    }
  })

  it('names only options that exist', () => {
    const known = new Set(commands.flatMap(({ options }) => options.map(({ long }) => long)))
    const named = operations().match(/(?<=[\s`(])--[a-z][a-z-]*/g) ?? []
    expect(named.filter((option) => !known.has(option))).toEqual([])
  })

  it('links only to files that exist', () => {
    const links = [...operations().matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
      ([, link = '']) => link,
    )
    const folder = new URL('../../docs/', import.meta.url)
    expect(links.filter((link) => !existsSync(fileURLToPath(new URL(link, folder))))).toEqual([])
  })
})
