import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { knownBeside } from '../../src/bridge/known-beside.js'
import { readRunView } from '../../src/bridge/read-run-view.js'
import { openRuns, type RunReader } from '../../src/bridge/run-reader.js'
import type { RunView } from '../../src/view/run-view.js'

const folder = mkdtempSync(join(tmpdir(), 'view-'))
const database = join(folder, '.rivet_state.db')
copyFileSync(new URL('../../examples/shop.rivet_state.db', import.meta.url), database)
afterAll(() => rmSync(folder, { recursive: true }))

async function reading<T>(read: (reader: RunReader) => Promise<T>): Promise<T> {
  const opening = { stdin: process.stdin, server: { env: {}, version: '0' } }
  const reader = await openRuns({ kind: 'path', path: database }, opening)
  return read(reader).finally(() => reader.close())
}

async function everyView(reader: RunReader): Promise<RunView[]> {
  const views: RunView[] = []
  for await (const item of reader.read({})) {
    if (item.kind === 'unseen') throw new Error(item.problem)
    views.push(await readRunView(reader, await knownBeside(reader, item)))
  }
  return views
}

describe('the view of each run of a real state database', () => {
  it('is plain JSON', async () => {
    for (const view of await reading(everyView))
      expect(JSON.parse(JSON.stringify(view))).toEqual(view)
  })
})
