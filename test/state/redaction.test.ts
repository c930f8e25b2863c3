import { describe, expect, it } from 'vitest'
import { type RedactionPolicy, textRedactorOf } from '../../src/journal/redaction.js'
import type { LoadRun } from '../../src/state/load-run.js'
import { redactedLoad, redactedRecord, redactedUnjournaled } from '../../src/state/redaction.js'
import type { RunRecord } from '../../src/state/run-record.js'
import type { UnjournaledRun } from '../../src/state/unjournaled-run.js'

const record: RunRecord = {
  runId: 'orders_2',
  exportName: 'export of acme',
  status: {
    status: 'success of acme',
    startedUnixNano: 1n,
    finishedUnixNano: 2n,
    source: 'postgres://acme:hunter2@db:5432/shop',
    prefix: 'file:///srv/acme/out',
  },
  metrics: { sourceType: 'acme', mode: 'acme', rivetVersion: 'acme', errorClass: 'acme', rows: 3 },
  harm: [{ metric: 'acme_reads', delta: 4n }],
  resumed: { runId: 'orders_1', hasJournal: true },
}
const run: UnjournaledRun = {
  kind: 'unjournaled',
  runId: 'orders_1',
  exportName: 'export of acme',
  state: 'interrupted',
  status: 'acme',
  startedUnixNano: 1n,
  endedUnixNano: 2n,
  resumedBy: 'orders_2',
  record,
  chunkTasks: [
    {
      chunkIndex: 0,
      startKey: 'acme a',
      endKey: 'acme b',
      status: 'acme',
      attempts: 1,
      lastError: 'acme failed',
      rows: 5,
      fileName: 'acme.csv',
    },
  ],
  files: [{ fileName: 'acme.csv', rows: 5 }],
}
const load: LoadRun = {
  kind: 'load',
  loadId: 'l:load:t',
  exportName: 'export of acme',
  targetTable: 'acme.shop.orders',
  warehouse: 'acme',
  mode: 'acme',
  sourceRunIds: ['orders_1', 'acme_1'],
  rowsLoaded: 7n,
  status: 'acme',
  finishedUnixNano: 3n,
}

function redacted(policy: RedactionPolicy) {
  const texts = textRedactorOf(policy)()
  return {
    record: redactedRecord(record, texts),
    run: redactedUnjournaled(run, texts),
    load: redactedLoad(load, texts),
    texts,
  }
}

function inWords(value: unknown): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}n` : each))
}

describe('what a state database says beside its journals', () => {
  it('loses its passwords and nothing else without a policy', () => {
    const { record: shown, run: shownRun, load: shownLoad, texts } = redacted({})
    const source = 'postgres://acme:***@db:5432/shop'
    expect(shown).toEqual({ ...record, status: { ...record.status, source } })
    expect(shownRun).toEqual({ ...run, record: shown })
    expect(shownLoad).toEqual(load)
    expect(texts.redaction).toBe('passwords')
  })

  it('has its fields by their classes', () => {
    const gone = '[redacted]'
    const files = redacted({ fields: ['files'] })
    expect(files.record.status?.prefix).toBe(gone)
    expect(files.run.files).toEqual([{ fileName: gone, rows: 5 }])
    expect(files.run.chunkTasks[0]).toEqual({ ...run.chunkTasks[0], fileName: gone })
    const keys = redacted({ fields: ['keys'] }).run.chunkTasks[0]
    expect(keys).toEqual({ ...run.chunkTasks[0], startKey: gone, endKey: gone })
    const errors = redacted({ fields: ['errors'] }).run.chunkTasks[0]
    expect(errors).toEqual({ ...run.chunkTasks[0], lastError: gone })
  })

  it('has a match of a pattern in none of its texts, and all of its numbers', () => {
    const { record: shown, run: shownRun, load: shownLoad } = redacted({ patterns: [/acme/g] })
    const texts = inWords([shown, shownRun, shownLoad])
    expect(texts).not.toContain('acme')
    expect(texts.match(/\[redacted\]/g)?.length).toBeGreaterThan(20)
    expect(shown.harm[0]?.delta).toBe(4n)
    expect(shown.metrics?.rows).toBe(3)
    expect(shownLoad.rowsLoaded).toBe(7n)
  })

  it('points to no run whose name has a match, because ids follow from names', () => {
    const patterns = [/^orders_\d/g, /acme_1/g]
    const { record: shown, run: shownRun, load: shownLoad } = redacted({ patterns })
    expect(shown).not.toHaveProperty('resumed')
    expect(shownRun).not.toHaveProperty('resumedBy')
    expect(shownLoad.sourceRunIds).toEqual([])
    expect(shownLoad.unnamedRuns).toBe(2)
    const { load: half } = redacted({ patterns: [/acme_1/g] })
    expect(half).toMatchObject({ sourceRunIds: ['orders_1'], unnamedRuns: 1 })
  })

  it('stays as it is when it is redacted again', () => {
    const policy = { fields: ['files', 'keys', 'errors'], patterns: [/acme/g] } as const
    const once = redacted(policy)
    const texts = textRedactorOf(policy)()
    expect(redactedRecord(once.record, texts)).toEqual(once.record)
    expect(redactedUnjournaled(once.run, texts)).toEqual(once.run)
    expect(redactedLoad(once.load, texts)).toEqual(once.load)
  })
})
