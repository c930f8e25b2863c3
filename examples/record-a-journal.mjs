// Records a journal by hand, asks it rivet's questions, and writes what rivet itself would write.
import { RunJournal, stringifyJournal } from 'rivet-otel'

const journal = new RunJournal('orders_demo', 'orders')
journal.record({ ChunkStarted: { chunk_index: 0, start_key: '1', end_key: '25000' } })
journal.record({ ChunkCompleted: { chunk_index: 0, rows: 25000, file_name: 'orders_0.parquet' } })
journal.record({ Warning: { context: 'schema', message: 'a column is wider than before' } })
journal.record({ RunCompleted: { status: 'success', error_message: null, duration_ms: 12 } })

console.log(`longest chunk: ${journal.longestChunkMs()} ms`)
console.log(`warnings: ${journal.warnings().length}`)
console.log(stringifyJournal(journal))
