/** Folders for one test file; they are gone when it has run. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A new, empty folder. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rivet-otel-'))
  folders.push(folder)
  return folder
}
