import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringifyJournal } from '../../src/journal/codec.js'
import { redactorOf } from '../../src/journal/redaction.js'
import { temporaryFolder } from '../e2e/command-line.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { shopLines } from '../journal/example-journals.js'
import { installHost, nodeForSdk3, playOnSdk3 } from './sdk3/host.js'

const INSTALLING_MS = 300_000

const node = nodeForSdk3()
if (node === undefined) {
  console.warn(
    `UNCHECKED: live runs on a host with the SDK 3.x, which needs Node 22.15; this is ${process.versions.node}, and .ci/node has no other`,
  )
}

describe.skipIf(node === undefined)('a host on the SDK 3.x, with its default limits', () => {
  it(
    'sends live spans that come back as the very journals, and keeps them where it sends none',
    async (test) => {
      const problem = await installHost()
      if (problem !== undefined) {
        console.warn(`UNCHECKED: live runs on a host with the SDK 3.x: ${problem}`)
        test.skip()
      }
      const seed = Date.now() % 2 ** 31
      console.log(`random journals of the host on the SDK 3.x: seed ${seed}`)
      const random = fc.sample(arbitraryJournal({ minLength: 0, maxLength: 60 }), {
        numRuns: propertyCases(60),
        seed,
      })
      const clean = random.filter((journal) => redactorOf()(journal).redaction === undefined)
      const lines = [...shopLines(), ...clean.map(stringifyJournal)]
      const file = join(temporaryFolder(), 'journals.jsonl')
      writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
      const played = await playOnSdk3(node ?? '', file)
      expect(played.map(({ status }) => status)).toEqual(lines.map(() => 'exact'))
      expect(played.map(({ journal }) => journal)).toEqual(lines)
      expect(played.map(({ kept }) => kept)).toEqual(lines)
      expect(played.map(({ withoutSpans }) => withoutSpans)).toEqual(lines)
      expect(played.every(({ dropped }) => dropped === 0)).toBe(true)
    },
    INSTALLING_MS,
  )
})
