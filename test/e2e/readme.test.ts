import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../../src/cli/program.js'
import { processTerminal } from '../../src/cli/terminal.js'
import { rivetOtel, SHOP } from './command-line.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

describe('the README', () => {
  it('shows what show prints', async () => {
    const [, said = ''] = /\$ rivet-otel show .*\n([\s\S]*?)\n```/.exec(README) ?? []
    const out = await rivetOtel(['show', '--from', SHOP, 'chunk_boom_20261121T085433.976_12990'], {
      env: { COLUMNS: '96' },
    })
    expect(out.stdout.trimEnd()).toBe(said)
  })

  it('names only options that exist', () => {
    const program = buildProgram('0', processTerminal(process), () => {})
    const known = new Set(
      program.commands.flatMap(({ options }) => options.map(({ long }) => long)),
    )
    // What rivet-otel prints of rivet's own commands is left out.
    const own = README.replaceAll(/```\n\$ rivet-otel show[\s\S]*?```/g, '')
    const named = own.match(/(?<=[\s`(])--[a-z-]+/g) ?? []
    expect(named.filter((option) => !known.has(option))).toEqual([])
  })

  it('links only to files that exist', () => {
    const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link)
    expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([])
  })
})
