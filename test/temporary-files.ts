/** Gives every test run a folder for temporary files of its own, and removes it at the end. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'rivet-otel-tests-'))
  // Tests that give up their privileges must still get in.
  chmodSync(folder, 0o777)
  process.env.TMPDIR = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
