/** Journals in groups, so that what a database knows beside them is asked for few times. */
import type { SourceItem } from '../../sources/source.js'

/** How large a group gets. Its journals are in memory at once, so they are counted by what they hold too. */
const MOST_JOURNALS = 500
const MOST_ENTRIES = 500
/** In UTF-16 code units. */
const MOST_TEXT = 250_000

/**
 * Groups items in their order. Where they break off with an error, those before it come first.
 *
 * @example
 * for await (const group of inGroups(source.read({}))) console.log(group.length)
 */
export async function* inGroups(items: AsyncIterable<SourceItem>): AsyncGenerator<SourceItem[]> {
  let group: SourceItem[] = []
  let entries = 0
  let text = 0
  let brokenOff: { readonly error: unknown } | undefined
  try {
    for await (const item of items) {
      group.push(item)
      if (item.kind === 'journal') {
        entries += item.journal.entries.length
        text += item.length ?? 0
      }
      if (group.length < MOST_JOURNALS && entries < MOST_ENTRIES && text < MOST_TEXT) continue
      yield group
      group = []
      entries = 0
      text = 0
    }
  } catch (error) {
    brokenOff = { error }
  }
  if (group.length > 0) yield group
  if (brokenOff !== undefined) throw brokenOff.error
}
