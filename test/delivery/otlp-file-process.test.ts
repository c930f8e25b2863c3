import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { shopJournals } from '../journal/example-journals.js'
import { imported } from '../mapping/both-ways.js'
import { ExportProcesses, kill } from './export-process.js'
import { newFile, spansInFile } from './otlp-files.js'

const journals = fileURLToPath(new URL('../fixtures/journals/shop.jsonl', import.meta.url))
const RUNS = shopJournals().length
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
if (!isRoot) console.warn('UNCHECKED: only root can start a process of another user')

let exports: ExportProcesses

beforeAll(() => {
  exports = new ExportProcesses()
})

describe('an export in a process of its own', () => {
  it('that is killed in the middle and repeated gives the bytes of one that was not', async () => {
    const [killed, whole] = [newFile(), newFile()]
    const copies = 15
    await exports.run({ journals, target: whole, copies })
    let taken = 0
    for (const after of [1, 60]) {
      const running = exports.start({ journals, target: killed, copies })
      let said = 0
      for await (const _ of running.said) if (++said === after) await kill(running)
      taken = statSync(killed).size
    }
    expect(taken).toBeGreaterThan(0)
    expect(taken).toBeLessThan(statSync(whole).size)
    const outcomes = await exports.run({ journals, target: killed, copies })
    expect(outcomes).toHaveLength(copies * RUNS)
    expect(outcomes.some(({ present = 0 }) => present > 0)).toBe(true)
    expect(readFileSync(killed).equals(readFileSync(whole))).toBe(true)
  })

  it('that finds no more room leaves whole lines and says what is missing', async () => {
    const [limited, whole] = [newFile(), newFile()]
    await exports.run({ journals, target: whole, copies: 4 })
    const outcomes = await exports.run({ journals, target: limited, copies: 4, mostBlocks: 200 })
    expect(outcomes).toHaveLength(4 * RUNS)
    const lost = outcomes.findIndex(({ unsent = 0 }) => unsent > 0)
    expect(lost).toBeGreaterThan(0)
    for (const { delivered, problem } of outcomes.slice(lost)) {
      expect(delivered).toBe(0)
      expect(problem).toContain(`${limited} cannot be written: EFBIG`)
    }
    const got = readFileSync(limited)
    expect(got.at(-1)).toBe(10)
    expect(got.equals(readFileSync(whole).subarray(0, got.length))).toBe(true)
    await exports.run({ journals, target: limited, copies: 4 })
    expect(readFileSync(limited).equals(readFileSync(whole))).toBe(true)
  })

  it('beside others into the same file leaves every run whole', async () => {
    const target = newFile()
    const prefixes = ['a', 'b', 'c']
    const said = await Promise.all(
      prefixes.map((prefix) => exports.run({ journals, target, prefix, copies: 10 })),
    )
    for (const outcomes of said) {
      expect(outcomes).toHaveLength(10 * RUNS)
      for (const { unsent, problem } of outcomes) expect([unsent, problem]).toEqual([0, undefined])
    }
    const runs = imported(spansInFile(target))
    expect(runs).toHaveLength(3 * 10 * RUNS)
    for (const { status } of runs) expect(status).toBe('exact')
  })

  it.runIf(isRoot)('that may not write there says so before it begins', async () => {
    const target = newFile()
    writeFileSync(target, '')
    const folder = join(target, '..')
    const copy = join(folder, 'journals.jsonl')
    writeFileSync(copy, readFileSync(journals))
    exports.openToAll(folder)
    chmodSync(target, 0o444)
    const order = { journals: copy, user: NOBODY }
    const [file, ...noOthers] = await exports.run({ ...order, target })
    expect(noOthers).toEqual([])
    expect(file).toMatchObject({ code: 'UNWRITABLE' })
    expect(file?.error).toContain(`${target} cannot be written: EACCES`)
    const [place] = await exports.run({ ...order, target: join(folder, 'new.jsonl') })
    expect(place).toMatchObject({ code: 'UNWRITABLE' })
    expect(place?.error).toContain('new.jsonl cannot be written: EACCES')
  })
})
