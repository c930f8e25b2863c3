/** Runs that left no journal, for the views: made-up ones in every state. */
import type { ChunkTask, UnjournaledRun } from '../../../src/state/unjournaled-run.js'
import { START } from './journals.js'

/** So many milliseconds after {@link START}, in nanoseconds since 1970. */
export function after(ms: number): bigint {
  return START + BigInt(ms) * 1_000_000n
}

/** A run that was killed, with nothing known but that it was there. */
export function interruptedRun(members: Partial<UnjournaledRun> = {}): UnjournaledRun {
  const runId = members.runId ?? 'slow_1'
  return {
    kind: 'unjournaled',
    runId,
    exportName: 'slow',
    state: 'interrupted',
    status: 'interrupted',
    startedUnixNano: START,
    endedUnixNano: after(60_000),
    record: { runId, exportName: 'slow', harm: [] },
    chunkTasks: [],
    files: [],
    ...members,
  }
}

/** A chunk of 250 keys; completed ones have rows and a file. */
export function task(index: number, status: string, members: Partial<ChunkTask> = {}): ChunkTask {
  return {
    chunkIndex: index,
    startKey: String(index * 250 + 1),
    endKey: String((index + 1) * 250),
    status,
    attempts: status === 'pending' ? 0 : 1,
    updatedUnixNano: status === 'pending' ? START : after(1000 * (index + 1)),
    ...(status === 'completed' ? { rows: 250, fileName: `part_${index}.csv` } : {}),
    ...members,
  }
}

/** A run that was killed in the middle of its chunks, with everything known about it. */
export function interruptedInChunks(members: Partial<UnjournaledRun> = {}): UnjournaledRun {
  return interruptedRun({
    record: {
      runId: 'slow_1',
      exportName: 'slow',
      status: {
        status: 'interrupted',
        source: 'postgres://127.0.0.1:5432/shop',
        prefix: 'file:///srv/shop/out/slow',
      },
      metrics: {
        mode: 'chunked',
        chunkSize: 250,
        parallel: 2,
        rivetVersion: '0.32.2',
        peakRssMb: 21,
      },
      harm: [],
    },
    chunkTasks: [
      task(0, 'completed'),
      task(1, 'completed', { attempts: 2, lastError: 'connection reset' }),
      task(2, 'failed', { attempts: 3, lastError: 'db error: ERROR: division by zero' }),
      task(3, 'running'),
      task(4, 'pending'),
      task(5, 'pending'),
    ],
    files: [0, 1].map((index) => ({
      fileName: `part_${index}.csv`,
      rows: 250,
      bytes: 1500,
      createdUnixNano: after(1000 * (index + 1)),
    })),
    ...members,
  })
}
