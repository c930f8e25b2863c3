/** Files of OTLP JSON lines for tests: exports into them, and what stands there, read without the project's own decoder. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OtlpFileOptions, openOtlpFile } from '../../src/delivery/otlp-file.js'
import type { TracePage } from '../../src/mapping/page.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { send } from '../contracts/delivery-contract.js'
import { receivedSpans } from '../receiver/received-spans.js'
import { newFolder } from './temporary-folder.js'

/** The path of a file in a new folder; there is none yet unless it has content. */
export function newFile(content?: string | Uint8Array): string {
  const path = join(newFolder(), 'traces.otlp.jsonl')
  if (content !== undefined) writeFileSync(path, content)
  return path
}

/** Exports pages into a file and gives the outcomes and what was noticed. */
export async function exportTo(
  path: string,
  pages: Iterable<TracePage>,
  options: OtlpFileOptions = {},
) {
  const notices: string[] = []
  const delivery = await openOtlpFile(path, {
    notice: (message) => notices.push(message.replace(path, 'FILE')),
    sleep: async () => {},
    ...options,
  })
  const outcomes = await send(delivery, pages)
  await delivery.close()
  return { outcomes, notices }
}

/** The bytes of a file into which these pages were exported. */
export async function written(pages: Iterable<TracePage>): Promise<Buffer> {
  const path = newFile()
  await exportTo(path, pages)
  return readFileSync(path)
}

/** The spans of a file, in order; none where there is no file. */
export function spansInFile(path: string): ReceivedSpan[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => receivedSpans(JSON.parse(line)))
}
