import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reportFileOf } from '../../src/cli/report-file.js'
import { smallRun } from '../e2e/small-runs.js'
import { serving } from '../serve/serving.js'
import { newFolder } from '../sources/places.js'

const NAMES = [
  'orders_1',
  'a/b',
  'a:b',
  '.hidden',
  '-rf',
  'ä; x=',
  `${'x'.repeat(200)}1`,
  `${'x'.repeat(200)}2`,
]

describe('the name of a report', () => {
  it('is the same for a download and for the command, and no two runs share one', async () => {
    const file = join(newFolder(), 'journals.jsonl')
    writeFileSync(file, NAMES.map((name) => `${smallRun(name)}\n`).join(''))
    const { ask } = await serving({ from: file })
    const names = new Set<string>()
    for (const name of NAMES) {
      const own = reportFileOf(name, {}, '/')
      const { headers } = await ask(`/report?run_id=${encodeURIComponent(name)}`)
      expect(headers['content-disposition']).toBe(`attachment; filename="${own}"`)
      expect(own).toMatch(/^rivet-report-[\w.-]+\.html$/)
      names.add(own)
    }
    expect(names.size).toBe(NAMES.length)
  })
})
