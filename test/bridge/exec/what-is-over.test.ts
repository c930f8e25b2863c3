import { join } from 'node:path'
import { expect, it } from 'vitest'
import { exportAfter } from '../../../src/bridge/exec/export-after.js'
import { openOtlpFile } from '../../../src/delivery/otlp-file.js'
import { openSqliteSource } from '../../../src/sources/sqlite.js'
import { newFolder } from '../../delivery/temporary-folder.js'
import { insert } from '../../sources/places.js'
import { changing, emptyState, putStatus } from '../../sources/state-rows.js'

it('waits for no row of a run whose command has ended', async () => {
  const folder = newFolder()
  const file = join(folder, '.rivet_state.db')
  emptyState(file)
  const now = new Date().toISOString()
  const text = `{"run_id":"orders_1","export_name":"orders","entries":[{"recorded_at":"${now}","event":{"RunCompleted":{"status":"success","error_message":null,"duration_ms":5}}}]}`
  changing(file, (db) => {
    insert(db, { run_id: 'orders_1', export_name: 'orders', finished_at: now, text })
    putStatus(db, 'orders_1', { started_at: now, finished_at: now })
  })
  const database = await openSqliteSource(file)
  const { records } = database
  if (records === undefined) throw new Error('there are no records')
  let asked = 0
  const of: typeof records.of = (runs) => {
    asked++
    return records.of(runs)
  }
  const delivery = await openOtlpFile(join(folder, 'a.otlp.jsonl'))
  const { runs } = await exportAfter({
    left: {
      database: { ...database, records: { ...records, of } },
      runIds: ['orders_1'],
      killed: new Set(),
      period: { startUnixNano: 0n, endUnixNano: 1n },
      hasLoads: false,
    },
    command: undefined,
    isJoined: false,
    delivery,
    direct: delivery,
  })
  expect(runs).toMatchObject([{ runId: 'orders_1', result: 'sent' }])
  expect(asked).toBe(1)
  await delivery.close()
  await database.close()
})
