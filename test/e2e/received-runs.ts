/** The runs that came to a receiver, for the tests of those who send them. */
import { expect } from 'vitest'
import type { ImportedRun } from '../../src/mapping/imported-run.js'
import { JournalAssembler } from '../../src/mapping/trace-to-journal.js'
import type { OtlpReceiver } from '../receiver/otlp-receiver.js'

/** The runs that a receiver took, put together; each must have come as it is. */
export function runsAt(receiver: OtlpReceiver): ImportedRun[] {
  const assembler = new JournalAssembler()
  for (const received of receiver.taken) assembler.add(received)
  return assembler.finish()
}

/** These runs and no others are there, whole; gives how many spans came twice. */
export function expectExactly(receiver: OtlpReceiver, runIds: readonly string[]): number {
  const runs = runsAt(receiver)
  expect(runs.map(({ runId }) => runId).sort()).toEqual([...runIds].sort())
  for (const { status } of runs) expect(status).toBe('exact')
  const contents = new Map<string, string>()
  for (const { span } of receiver.taken) {
    const id = `${span.traceId} ${span.spanId}`
    const content = JSON.stringify(span, (_, value) =>
      typeof value === 'bigint' ? `${value}n` : value,
    )
    // Sent again, it is the same to the byte.
    expect(contents.get(id) ?? content).toBe(content)
    contents.set(id, content)
  }
  return receiver.taken.length - contents.size
}
