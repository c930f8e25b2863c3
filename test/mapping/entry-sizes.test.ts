import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryToEvent } from '../../src/mapping/entry-event.js'
import { EntrySizes } from '../../src/mapping/entry-sizes.js'
import { sizeOfEvent } from '../../src/mapping/size.js'
import { EntryTimes } from '../../src/mapping/times.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { at, EVERY_KIND } from '../journal/example-journals.js'

describe('the size of an entry as an event', () => {
  it('is that of its event, and never more than the most that is told', () => {
    let fromLengths = 0
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 30 }), ({ entries }) => {
        const times = new EntryTimes(entries)
        const sizes = new EntrySizes(entries, times)
        entries.forEach((entry, index) => {
          const size = sizeOfEvent(entryToEvent(entry, index, times))
          expect(sizes.sizeOf(index)).toBe(size)
          expect(sizes.mostOf(index)).toBeGreaterThanOrEqual(size)
          if (sizes.mostOf(index) > size) fromLengths++
        })
      }),
      { numRuns: propertyCases(100) },
    )
    expect(fromLengths).toBeGreaterThan(0)
  })

  it('is told as at most some times what it is: a hundred usual ones fit for certain', () => {
    const entries = EVERY_KIND.map((event, i) => at(i, event))
    const sizes = new EntrySizes(entries, new EntryTimes(entries))
    entries.forEach((_, index) => {
      expect(sizes.mostOf(index)).toBeLessThan(2000)
    })
  })
})
