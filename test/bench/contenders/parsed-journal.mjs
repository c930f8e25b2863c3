// A journal as JSON.parse gives it, in the shapes that the made-up journals have. Types only.

/**
 * @typedef {{ run_id: string, export_name: string, entries: Entry[] }} Journal
 * @typedef {{ recorded_at: string, event: Event }} Entry
 *
 * @typedef {object} Event One of these.
 * @property {Plan} [PlanResolved]
 * @property {{ rule: string, message: string }} [PlanWarning]
 * @property {{ file_name: string, rows: number, bytes: number, part_index: number }} [FileWritten]
 * @property {{ chunk_index: number, start_key: string, end_key: string }} [ChunkStarted]
 * @property {{ chunk_index: number, rows: number, file_name: string | null }} [ChunkCompleted]
 * @property {{ chunk_index: number, error: string, attempt: number }} [ChunkFailed]
 * @property {{ attempt: number, reason: string, backoff_ms: number }} [RetryAttempted]
 * @property {{ severity: string, message: string }} [QualityIssue]
 * @property {{ added: string[], removed: string[], type_changed: string[][] }} [SchemaChanged]
 * @property {{ context: string, message: string }} [Warning]
 * @property {{ from: number, to: number, reason: string }} [ParallelismAdjusted]
 * @property {{ passed: boolean }} [ValidationResult]
 * @property {{ source_count: number, exported_rows: number, matched: boolean }} [ReconciliationResult]
 * @property {{ status: string, error_message: string | null, duration_ms: number }} [RunCompleted]
 *
 * @typedef {object} Plan
 * @property {string} export_name
 * @property {string} base_query
 * @property {string} strategy
 * @property {string} format
 * @property {string} compression
 * @property {string} destination_type
 * @property {string} tuning_profile
 * @property {number} batch_size
 * @property {boolean} validate
 * @property {boolean} reconcile
 * @property {boolean} resume
 * @property {string | null} chunk_key
 * @property {boolean} resumable
 */

export {}
