import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { showRun } from '../../../src/cli/view/show.js'
import { textRedactorOf } from '../../../src/journal/redaction.js'
import { pagesBeside } from '../../../src/mapping/beside.js'
import { RecordsBeside } from '../../../src/mapping/records-beside.js'
import { redactedRecord } from '../../../src/state/redaction.js'
import type { RunRecord } from '../../../src/state/run-record.js'
import { shownRecords } from '../../../src/view/shown-records.js'
import { propertyCases } from '../../journal/arbitrary-journal.js'
import { arbitraryRecord } from '../../mapping/arbitrary-record.js'
import { RECORD, receivedOf, SMALL } from '../../mapping/known-beside.js'

const shown = (record: RunRecord | undefined) =>
  showRun(SMALL, { width: 100, color: false }, record && shownRecords(record))

/** As a sender sends it, and as a reader of the trace has it. */
function fromTrace(record: RunRecord): RunRecord | undefined {
  const sent = redactedRecord(record, textRedactorOf()())
  const records = new RecordsBeside(new Set([record.runId]))
  for (const span of receivedOf(pagesBeside(SMALL, { record: sent }))) records.add(span)
  return records.of({ namespace: '', runId: record.runId, revision: 0 })
}

const sourceLine = (source: string, sourceType?: string) => {
  const text = shown({
    ...RECORD,
    status: { status: 'success', source },
    metrics: sourceType === undefined ? {} : { sourceType },
  })
  return /^ {2}source +(.*)$/m.exec(text)?.[1]
}

describe('what is known beside a journal', () => {
  it('looks the same from the state database and from the trace of the run', () => {
    fc.assert(
      fc.property(arbitraryRecord, (record) => {
        expect(shown(fromTrace(record))).toBe(shown(record))
      }),
      { numRuns: propertyCases(500) },
    )
  })

  it.each([
    ['postgres://127.0.0.1:5432/shop', 'postgres', 'postgres://127.0.0.1:5432/shop'],
    ['mysql://[::1]/shop', undefined, 'mysql://[::1]/shop'],
    // What is not certain is not said: which of several servers, and what is no database.
    ['mongo://db:27017/shop', 'mongo', 'mongo, database shop'],
    ['oracle://db:1521/XE', 'oracle', 'oracle://db:1521'],
    ['postgres://host=db user=ana', 'postgres', 'postgres'],
    ['', 'mssql', 'mssql'],
    ['sqlite:///x', undefined, undefined],
  ])('names the source %s of %s as %s', (source, sourceType, words) => {
    expect(sourceLine(source, sourceType)).toBe(words)
  })

  it('does not say of a row that is not the final one how much memory there was', () => {
    const running = shown({ ...RECORD, metrics: { ...RECORD.metrics, status: 'running' } })
    expect(running).toContain('0.32.2')
    expect(running).not.toContain('at most')
    expect(shown(RECORD)).toContain('71 MB at most')
  })
})
