/** What stands in a file of OTLP JSON lines, read without the project's own decoder. */
import { existsSync, readFileSync } from 'node:fs'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { receivedSpans } from '../receiver/received-spans.js'

/** The spans of a file, in order; none where there is no file. */
export function spansInFile(path: string): ReceivedSpan[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => receivedSpans(JSON.parse(line)))
}
