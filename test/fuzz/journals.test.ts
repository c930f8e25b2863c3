import { describe, expect } from 'vitest'
import { runsTable } from '../../src/cli/view/runs-table.js'
import { showRun } from '../../src/cli/view/show.js'
import { parseJournal, stringifyJournal } from '../../src/journal/codec.js'
import { journalDigest } from '../../src/journal/digest.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp, readTimestamp } from '../../src/journal/timestamp.js'
import { parseJson, stringifyJson } from '../../src/json/lossless.js'
import { openJournalStream } from '../../src/sources/json-file.js'
import { runRow, runRowJson } from '../../src/view/run-row.js'
import { exported, imported } from '../mapping/both-ways.js'
import { journalTexts, journalValues } from './corpus.js'
import { itWithstands, tried, triedSlowly } from './fuzz.js'
import { mutateBytes, mutateJson, randomBytes } from './mutate.js'
import type { Random } from './random.js'

const journalBytes = journalTexts.map((text) => Buffer.from(text))
/** What a terminal would obey rather than show; line breaks are ours. */
const HARMFUL = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

function mutatedText(random: Random): string {
  if (random.happens(0.7)) return mutateJson(random, random.pick(journalValues), journalValues)
  return Buffer.from(mutateBytes(random, random.pick(journalBytes), journalBytes)).toString()
}

/** What is taken for a journal is one for everything that is done with journals. */
function checkJournal(journal: RunJournal): void {
  const written = stringifyJournal(journal)
  expect(journalDigest(parseJournal(written))).toBe(journalDigest(journal))
  const look = { width: 100, color: false, unicode: true, allFiles: true }
  const row = runRow(journal)
  stringifyJson(runRowJson(row))
  expect(showRun(journal, look)).not.toMatch(HARMFUL)
  expect(runsTable([row], { width: 120, color: false })).not.toMatch(HARMFUL)
  if (journal.entries.length === 0) return
  const [run] = imported(exported(journal))
  expect(run?.status === 'exact' ? stringifyJournal(run.journal) : run).toBe(written)
}

describe('journals that were made hostile', () => {
  itWithstands('parseJournal takes or refuses', 400, (random) => {
    const text = mutatedText(random)
    const journal = tried(() => parseJournal(text))
    if (journal !== undefined) checkJournal(journal)
    return { size: text.length }
  })

  itWithstands('a stream of them gives journals and problems', 80, async (random) => {
    const parts = Array.from({ length: 1 + random.below(5) }, () =>
      random.happens(0.5) ? random.pick(journalTexts) : mutatedText(random),
    )
    const layouts = [parts.join('\n'), `[${parts.join(',')}]`, parts.join('\n\n'), parts.join('')]
    const layout = Buffer.from(random.pick(layouts))
    const bytes = random.happens(0.4) ? mutateBytes(random, layout, journalBytes) : layout
    await triedSlowly(async () => {
      const source = await openJournalStream(chunksOf(bytes, 1 + random.below(9000)), 'hostile')
      try {
        for await (const item of source.read(random.happens(0.3) ? { last: 2 } : {})) {
          if (item.kind === 'journal') stringifyJournal(item.journal)
        }
        for await (const { runId } of source.list()) expect(typeof runId).toBe('string')
      } finally {
        await source.close()
      }
    })
    return { size: bytes.length }
  })

  itWithstands('readTimestamp reads what it writes, or nothing', 400, (random) => {
    const stamps = [
      '2026-11-21T08:53:39.134436857Z',
      '+12026-11-21 23:59:60.5-05:30',
      '-0044-03-15t12:00:00z',
    ]
    const bytes = stamps.map((text) => Buffer.from(text))
    const text = Buffer.from(mutateBytes(random, random.pick(bytes), bytes)).toString()
    const read = readTimestamp(text)
    if (read !== undefined) {
      expect(readTimestamp(read.canonical)).toEqual(read)
      if (!read.canonical.includes(':60'))
        expect(formatTimestamp(read.unixNano)).toBe(read.canonical)
    }
    return { size: text.length }
  })

  itWithstands('parseJson reads what it writes, or refuses', 300, (random) => {
    const text = random.happens(0.3)
      ? Buffer.from(randomBytes(random, 60)).toString()
      : mutateJson(random, random.pick(journalValues), journalValues)
    const value = tried(() => parseJson(text))
    if (value !== undefined) expect(parseJson(stringifyJson(value))).toEqual(value)
    return { size: text.length }
  })
})

async function* chunksOf(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
