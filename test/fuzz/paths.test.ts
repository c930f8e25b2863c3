import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url))
/** What knows the contents of journals and traces. */
const PURE = ['json', 'journal', 'trace', 'mapping', 'cli/view']
const OPENS =
  /from 'node:(fs|fs\/promises|child_process|net|http|https|worker_threads|vm)'|\bimport\(/

it.each(PURE)('nothing in src/%s can open a path, a connection or a program', (folder) => {
  const files = readdirSync(join(SOURCES, folder), { recursive: true, encoding: 'utf8' })
  const sources = files.filter((name) => name.endsWith('.ts'))
  expect(sources.length).toBeGreaterThan(2)
  const opening = sources.filter((name) =>
    OPENS.test(readFileSync(join(SOURCES, folder, name), 'utf8')),
  )
  expect(opening).toEqual([])
})
