/**
 * Which files of a run that was killed are those of its chunks, by their names.
 *
 * Names need not be different: where they were taken out before, all are the same. A chunk then has one
 * of them, and nobody knows which.
 */
import type { ChunkTask, LoggedFile } from '../state/unjournaled-run.js'

/** The files of a run, told apart. */
export interface ChunkFiles {
  /** What is known of a chunk's file; only of those whose name is no other file's. */
  readonly ofTask: ReadonlyMap<ChunkTask, LoggedFile>
  /** The files that no chunk names, in their order. */
  readonly others: readonly LoggedFile[]
  /** How many files there are, those that only a chunk names among them. */
  readonly count: number
}

/**
 * Tells the files of a run apart.
 *
 * @example
 * chunkFiles(tasks, files).others.length // 0, where every file is a chunk's
 */
export function chunkFiles(tasks: readonly ChunkTask[], files: readonly LoggedFile[]): ChunkFiles {
  const byName = new Map<string, LoggedFile[]>()
  for (const file of files) {
    const named = byName.get(file.fileName)
    if (named === undefined) byName.set(file.fileName, [file])
    else named.push(file)
  }
  const claimed = new Map<string, number>()
  const ofTask = new Map<ChunkTask, LoggedFile>()
  let unlogged = 0
  for (const task of tasks) {
    if (task.fileName === undefined) continue
    const named = byName.get(task.fileName) ?? []
    const before = claimed.get(task.fileName) ?? 0
    claimed.set(task.fileName, before + 1)
    if (before >= named.length) unlogged++
    else if (named.length === 1 && named[0] !== undefined) ofTask.set(task, named[0])
  }
  const others = files.filter(({ fileName }) => {
    const left = claimed.get(fileName) ?? 0
    claimed.set(fileName, left - 1)
    return left <= 0
  })
  return { ofTask, others, count: files.length + unlogged }
}
