import { readFileSync } from 'node:fs'
import * as stable from '@opentelemetry/semantic-conventions'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pagesBeside } from '../../src/mapping/beside.js'
import * as conventions from '../../src/mapping/conventions.js'
import { execToTrace } from '../../src/mapping/exec-span.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { loadToTrace } from '../../src/mapping/load-to-trace.js'
import type { TracePage } from '../../src/mapping/page.js'
import { resourceFromEnvironment } from '../../src/mapping/resource.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { journalOfEvents, runCompleted, shopJournals } from '../journal/example-journals.js'
import { COMMAND, KILLED, LEFT, LOAD, OTHER, RECORD } from './known-beside.js'

/** Every name of the stable part of the package; the functions among them make names. */
const STABLE = new Map<string, unknown>(Object.entries(stable))
const OURS = [
  conventions.ERROR_TYPE,
  conventions.SERVICE_NAME,
  conventions.DB_SYSTEM_NAME,
  conventions.DB_NAMESPACE,
  conventions.SERVER_ADDRESS,
  conventions.SERVER_PORT,
]

/** Every attribute of some pages that is not rivet's own. */
function foreignNames(pages: Iterable<TracePage>): Set<string> {
  const names = new Set<string>()
  for (const { trace } of pages) {
    const holders = trace.spans.flatMap((span) => [span, ...span.events, ...span.links])
    for (const attributes of [trace.resource, ...holders.map((holder) => holder.attributes)]) {
      for (const name of Object.keys(attributes)) if (!name.startsWith('rivet.')) names.add(name)
    }
  }
  return names
}

describe('the names of semantic conventions', () => {
  it('are stable in the version of the package that they are said to be from', () => {
    const main = import.meta.resolve('@opentelemetry/semantic-conventions')
    const file = new URL('../package.json', main)
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
    expect(version).toBe(conventions.CONVENTIONS_VERSION)
    const constants = new Map(
      Object.entries(conventions).filter(([name]) =>
        /^(ERROR|SERV|DB_N|DB_SYSTEM_NAME$)/.test(name),
      ),
    )
    expect([...constants.keys()].sort()).toEqual([
      'DB_NAMESPACE',
      'DB_SYSTEM_NAME',
      'ERROR_TYPE',
      'ERROR_TYPE_OTHER',
      'SERVER_ADDRESS',
      'SERVER_PORT',
      'SERVICE_NAME',
    ])
    for (const [name, value] of constants) {
      const there = name === 'ERROR_TYPE_OTHER' ? 'ERROR_TYPE_VALUE_OTHER' : `ATTR_${name}`
      expect(STABLE.get(there), name).toBe(value)
    }
  })

  it('have only stable values for the system of a database', () => {
    const values = [...STABLE].flatMap(([name, value]) =>
      name.startsWith('DB_SYSTEM_NAME_VALUE_') ? [value] : [],
    )
    expect(values).toContain('postgresql')
    for (const system of conventions.DB_SYSTEM_NAMES.values()) expect(values).toContain(system)
    expect(values).not.toContain('mongodb')
    expect(values).not.toContain('oracle.db')
  })

  it('are all the names that are used, beside those that begin with rivet', () => {
    const failed = journalOfEvents(runCompleted('failed', 'RIVET_IO'))
    const names = foreignNames([
      ...journalToTrace(failed, { resource: resourceFromEnvironment({}) }),
      ...pagesBeside(failed, { record: RECORD, wrapper: OTHER }),
      ...pagesBeside(failed, {}, { joined: OTHER }),
      interruptedRunToTrace(KILLED),
      loadToTrace({ ...LOAD, status: 'failed' }),
      execToTrace({ ...COMMAND, exitCode: 1 }, [LEFT]),
    ])
    expect([...names].sort()).toEqual([...OURS].sort())
  })

  it('are all the names that are used, whatever the journal', () => {
    const check = (pages: Iterable<TracePage>) => {
      for (const name of foreignNames(pages)) expect(OURS).toContain(name)
    }
    for (const journal of shopJournals()) check(journalToTrace(journal))
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 20 }), (journal) => check(journalToTrace(journal))),
      { numRuns: propertyCases(30) },
    )
  })

  it('are not loaded from the package when the program runs', () => {
    const { dependencies } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { dependencies: Record<string, string> }
    expect(dependencies).not.toHaveProperty('@opentelemetry/semantic-conventions')
  })
})
