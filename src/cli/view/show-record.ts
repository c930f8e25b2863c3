/** What is known of a run beside its journal: a few lines, only what is known. */
import type { RunRecord } from '../../state/run-record.js'
import { besideWords } from '../../view/beside.js'
import { section } from './run-title.js'
import { linesOf } from './section-lines.js'
import type { SectionLook } from './section-look.js'

/**
 * The section *Beside the journal*; no lines where nothing is known.
 *
 * @example
 * showRecord(record, look).join('\n')
 */
export function showRecord(record: RunRecord, look: SectionLook): string[] {
  const lines = linesOf(besideWords(record), look)
  return lines.length === 0 ? [] : section('Beside the journal', lines, look)
}
