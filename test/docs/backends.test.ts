import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../../src/cli/program.js'
import { processTerminal } from '../../src/cli/terminal.js'
import { hostileFields } from '../backends/hostile-values.js'
import { fieldsOfEvents, publishedSurvival } from '../backends/survival-table.js'
import { DOCUMENT, fenced, questions } from './backends-document.js'

const PLACES = [
  'Jaeger',
  'Jaeger without `/api/v3`',
  'Tempo',
  'file of OTLP JSON',
  'through the collector',
]

describe('docs/backends.md', () => {
  const [head = [], , ...rows] = publishedSurvival()
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.slice(2, -2).split(' | '))

  it('has a row for every field, and for what is no field of an event', () => {
    const names = rows.map(([name = '']) => name.replaceAll('`', ''))
    expect(names).toEqual(expect.arrayContaining(fieldsOfEvents()))
    expect(names).toEqual(hostileFields().map(({ name }) => name))
  })

  it('says of every field what became of it in every place, and of none that it is lost', () => {
    expect(head).toEqual(['field', 'attribute', ...PLACES])
    for (const [name, , ...cells] of rows) {
      expect(cells, name).toHaveLength(PLACES.length)
      for (const cell of cells) expect(cell, name).toMatch(/^(kept|restored [¹²³⁴⁵⁶⁷]+)$/)
    }
  })

  it('explains every note that it uses, and no other', () => {
    const table = rows.flat().join()
    const used = new Set(table.match(/[¹²³⁴⁵⁶⁷]/g))
    const explained = [...publishedSurvival().matchAll(/^- ([¹²³⁴⁵⁶⁷]) /gm)].map(([, note]) => note)
    expect(explained).toEqual([...used].sort((a, b) => '¹²³⁴⁵⁶⁷'.indexOf(a) - '¹²³⁴⁵⁶⁷'.indexOf(b)))
  })

  it('shows only commands and options that exist', () => {
    const { commands } = buildProgram('0', processTerminal(process), () => {})
    const lines = fenced('sh').flatMap((text) => text.split('\n'))
    const shown = lines.filter((line) => line.startsWith('rivet-otel '))
    expect(shown.length).toBeGreaterThan(15)
    for (const line of shown) {
      const [, name, ...words] = line.split(' ')
      const options = commands.find((command) => command.name() === name)?.options ?? []
      const known = options.map(({ long }) => long)
      expect(known, line).toEqual(
        expect.arrayContaining(words.filter((word) => word.startsWith('--'))),
      )
    }
  })

  it('answers every question in both languages', () => {
    expect(questions()).toHaveLength(5)
    for (const question of questions()) {
      expect(fenced('traceql', question), question).not.toEqual([])
      expect(fenced('jaeger', question), question).not.toEqual([])
    }
  })

  it('links only to files that exist', () => {
    const links = [...DOCUMENT.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link)
    const folder = new URL('../../docs/', import.meta.url)
    expect(links.filter((link) => !existsSync(fileURLToPath(new URL(link, folder))))).toEqual([])
  })
})
