import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { localRunNames } from '../../src/bridge/local-run-names.js'
import { parseLocation } from '../../src/bridge/location.js'
import { rivetOtel } from '../e2e/command-line.js'
import { smallRuns } from '../e2e/small-runs.js'
import { newFolder, SHOP } from '../sources/places.js'

const DOCUMENTS = fileURLToPath(new URL('../fixtures/trace-documents/', import.meta.url))

const idsIn = async (place: string, part = '', most = 50) =>
  (await localRunNames(parseLocation(place), { part, most })).runs.map(({ runId }) => runId)

function fileWith(text: string | Uint8Array): string {
  const file = join(newFolder(), 'file')
  writeFileSync(file, text)
  return file
}

describe('the names of runs in a place on this machine', () => {
  it('come from a state database', async () => {
    expect(await idsIn(SHOP, 'orders_2')).toEqual(['orders_20261121T085339.134_11188'])
  })

  it('come from journals, one a line or as a list, the last one first', async () => {
    expect(await idsIn(fileWith(smallRuns(3)))).toEqual(['orders_2', 'orders_1', 'orders_0'])
    const list = `[${smallRuns(2).trim().replaceAll('\n', ',')}]`
    expect(await idsIn(fileWith(list))).toEqual(['orders_1', 'orders_0'])
  })

  it('come from the end of a file that is large', async () => {
    const ids = await idsIn(fileWith(smallRuns(20_000)), '', 2)
    expect(ids).toEqual(['orders_19999', 'orders_19998'])
  })

  it('come from traces: what export wrote, and what Jaeger and Tempo answered', async () => {
    const folder = newFolder()
    const args = ['export', '--from', SHOP, '--export', 'orders', '--to', 'traces.otlp.jsonl']
    expect(await rivetOtel(args, { cwd: folder })).toMatchObject({ code: 0 })
    expect(await idsIn(join(folder, 'traces.otlp.jsonl'))).toEqual([
      'orders_20261121T085339.134_11188',
    ])
    for (const name of ['tempo-v2', 'tempo-v1', 'jaeger-v1', 'jaeger-v3'])
      expect(await idsIn(join(DOCUMENTS, `${name}.json`)), name).not.toEqual([])
  })

  it('are none where something is damaged, cut or something else', async () => {
    expect(await idsIn(fileWith(smallRuns(1).slice(0, 100)))).toEqual([])
    expect(await idsIn(fileWith('{"run_id": 7, "entries": null}'))).toEqual([])
    expect(await idsIn(fileWith(readFileSync(process.execPath).subarray(0, 100_000)))).toEqual([])
    expect(await idsIn(fileWith(`{"a":${'['.repeat(50_000)}`))).toEqual([])
  })

  it('are none where it would have to be waited for, and nobody is asked', async () => {
    for (const place of ['-', 'tempo+http://127.0.0.1:1', 'postgres://127.0.0.1:1/x', 'missing'])
      expect(await idsIn(place), place).toEqual([])
    const pipe = join(newFolder(), 'pipe')
    if (process.platform === 'win32') return
    execFileSync('mkfifo', [pipe])
    expect(await idsIn(pipe)).toEqual([])
  })
})
