import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openToWrite, RUN_JOURNAL } from '../sources/places.js'
import { rivetOtel, temporaryFolder } from './command-line.js'

/** A journal of a chunked run in the shape of real ones, as rivet writes it. */
function chunkedJournal(runId: string, chunks: number): string {
  const at = (ms: number) => `${new Date(1_795_251_219_000 + ms).toISOString().slice(0, -1)}857123Z`
  const entries = Array.from({ length: chunks }, (_, i) => [
    `{"recorded_at":"${at(i * 40)}","event":{"ChunkStarted":{"chunk_index":${i},"start_key":"${i * 25_000}","end_key":"${(i + 1) * 25_000}"}}}`,
    `{"recorded_at":"${at(i * 40 + 37)}","event":{"ChunkCompleted":{"chunk_index":${i},"rows":25000,"file_name":"orders_20261121_085339_chunk${i}_65fcf62bd69048e5.parquet"}}}`,
  ]).flat()
  return `{"run_id":"${runId}","export_name":"orders","entries":[${entries.join(',')}]}`
}

describe('scale', () => {
  it('exports a database of 1,000 runs in a heap that is smaller than their text', {
    timeout: 180_000,
  }, async () => {
    const folder = temporaryFolder()
    const database = openToWrite(join(folder, 'state.db'))
    database.exec(RUN_JOURNAL)
    database.exec('BEGIN')
    for (let i = 0; i < 1000; i++) {
      const ended = new Date(1_795_251_219_000 + i * 1000).toISOString()
      database.run(
        'INSERT INTO run_journal VALUES (?,?,?,?)',
        `orders_${i}`,
        'orders',
        ended,
        chunkedJournal(`orders_${i}`, 290),
      )
    }
    database.exec('COMMIT')
    database.close()
    expect(statSync(join(folder, 'state.db')).size).toBeGreaterThan(80_000_000)
    const out = await rivetOtel(['export', '--from', 'state.db', '--to', 'out.otlp.jsonl'], {
      cwd: folder,
      env: { NODE_OPTIONS: '--max-old-space-size=72' },
    })
    expect(out.stderr).toBe('')
    expect(out.stdout).toContain('runs: 1000 sent; spans: 291000 delivered')
  })

  it('carries a journal of 100,000 entries both ways, to the letter', {
    timeout: 180_000,
  }, async () => {
    const folder = temporaryFolder()
    const journal = `${chunkedJournal('orders_huge', 50_000)}\n`
    writeFileSync(join(folder, 'journals.jsonl'), journal)
    const out = await rivetOtel(['export', '--from', 'journals.jsonl'], { cwd: folder })
    expect(out.stdout).toMatch(/orders_huge {2}trace [0-9a-f]{32} and \d+ more pages/)
    const back = await rivetOtel(['import', '--to', 'back.jsonl'], { cwd: folder })
    expect(back.stderr).toContain('runs: 1 exact')
    expect(readFileSync(join(folder, 'back.jsonl'), 'utf8') === journal).toBe(true)
  })
})
