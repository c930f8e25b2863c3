/** The texts by which a person looks for a run: its names, its files, and what went wrong. */
import { openEvent } from '../journal/events.js'
import type { RunJournal } from '../journal/run-journal.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'

/**
 * The texts of a run with a journal: run_id, export, file names, errors, warnings and issues. Its SQL
 * and its keys are not among them: nearly every run of an export has the same.
 *
 * @example
 * [...runTexts(journal)].some((text) => text.includes('division by zero'))
 */
export function* runTexts({
  run_id,
  export_name,
  entries,
}: RunJournal): Generator<string | null | undefined> {
  yield run_id
  yield export_name
  for (const { event } of entries) {
    const opened = openEvent(event)
    switch (opened?.kind) {
      case 'RunCompleted':
        yield opened.fields.error_message
        break
      case 'ChunkFailed':
        yield opened.fields.error
        break
      case 'FileWritten':
      case 'ChunkCompleted':
        yield opened.fields.file_name
        break
      case 'RetryAttempted':
        yield opened.fields.reason
        break
      case 'QualityIssue':
      case 'PlanWarning':
        yield opened.fields.message
        break
      case 'Warning':
        yield opened.fields.context
        yield opened.fields.message
        break
    }
  }
}

/**
 * The same of a run without a journal.
 *
 * @example
 * [...unjournaledTexts(run)]
 */
export function* unjournaledTexts(run: UnjournaledRun): Generator<string | undefined> {
  yield run.runId
  yield run.exportName
  for (const { fileName } of run.files) yield fileName
  for (const { lastError, fileName } of run.chunkTasks) {
    yield lastError
    yield fileName
  }
}
