/**
 * The parts of one revision of a run, put together again and checked.
 *
 * Parts may come in any order, twice, and from several traces. Nothing is guessed: a run is exact, or
 * redacted where its sender says so, only when every page, span and entry is there and the digest agrees.
 */

import { isDeepStrictEqual } from 'node:util'
import { canonicalEntry, journalDigest } from '../journal/digest.js'
import { type JournalEntry, RunJournal } from '../journal/run-journal.js'
import type { ImportedRun } from './imported-run.js'
import type { JournalSpan, PageRoot, RunKey } from './journal-span.js'

interface Page {
  root: PageRoot | undefined
  readonly spanIds: Set<string>
}

/** How many ranges of missing entries, or problems of one kind, a report names one by one. */
const NAMED_AT_MOST = 20

/**
 * One revision of a run that is being put together.
 *
 * @example
 * const assembly = new RunAssembly(key)
 * for (const span of spans) assembly.add(span)
 * if (assembly.isComplete()) …
 */
export class RunAssembly {
  readonly key: RunKey
  #exportName = ''
  readonly #traceIds = new Set<string>()
  /** By the span id of the page's root. */
  readonly #pages = new Map<string, Page>()
  readonly #entries = new Map<number, JournalEntry>()
  readonly #problems = new Set<string>()
  /** The roots by their page, kept with the parts: a run can have as many pages as spans. */
  readonly #roots = new Map<number, PageRoot>()
  /** How many pages lack their root, or spans that it announces. */
  #openPages = 0

  constructor(key: RunKey) {
    this.key = key
  }

  /** Adds a part; one that is there already changes nothing. */
  add(span: JournalSpan): void {
    if (span.exportName !== '') this.#exportName ||= span.exportName
    this.#traceIds.add(span.traceId)
    for (const problem of span.problems) this.#problems.add(problem)
    const page = this.#pageOf(span.rootSpanId)
    const wasOpen = isOpen(page)
    page.spanIds.add(span.spanId)
    if (span.root !== undefined) this.#addRoot(page, span.root, span.spanId)
    if (wasOpen && !isOpen(page)) this.#openPages--
    for (const { index, entry } of span.entries) this.#addEntry(index, entry)
  }

  /** Whether every page, span and entry that the roots announce is there, so that it can be judged. */
  isComplete(): boolean {
    const run = this.#run
    if (run === undefined || this.#openPages > 0) return false
    return this.#roots.size >= run.pages && this.#entries.size >= run.entries
  }

  /** How many pages the run has, as the root of its first one says; 0 while that is not there. */
  announcedPages(): number {
    return this.#run?.pages ?? 0
  }

  /** What can be said about the run now: its journal, or what is wrong with it. */
  finish(): ImportedRun {
    const { live, ...key } = this.key
    const about = {
      ...key,
      ...(live === undefined ? {} : { live: true as const }),
      exportName: this.#exportName,
      traceIds: [...this.#traceIds].sort(),
      otherRevisions: [],
    }
    const run = this.#run
    const missing = this.#whatIsMissing()
    const journal = this.#journal()
    const differing = [
      ...this.#problems,
      ...(missing.length === 0 ? this.#whatDiffers(journal) : []),
    ]
    if (run !== undefined && missing.length === 0 && differing.length === 0) {
      const { digest, redaction } = run
      return redaction === undefined
        ? { ...about, status: 'exact', journal, digest }
        : {
            ...about,
            status: 'redacted',
            journal,
            digest,
            redaction,
            reasons: [`its sender took out: ${redaction.replaceAll(',', ', ')}`],
          }
    }
    return {
      ...about,
      status: missing.length > 0 ? 'incomplete' : 'differs',
      reasons: [...missing, ...shorten(differing)],
      fragment: journal,
    }
  }

  #pageOf(rootSpanId: string): Page {
    const known = this.#pages.get(rootSpanId)
    if (known !== undefined) return known
    const page: Page = { root: undefined, spanIds: new Set() }
    this.#pages.set(rootSpanId, page)
    this.#openPages++
    return page
  }

  #addRoot(page: Page, root: PageRoot, spanId: string): void {
    if (page.root !== undefined) {
      const problem = `the root span ${spanId} of page ${root.page} came twice, with different contents`
      if (!this.#problems.has(problem) && !isDeepStrictEqual(page.root, root))
        this.#problems.add(problem)
      return
    }
    page.root = root
    const known = this.#roots.get(root.page)
    if (known === undefined) this.#roots.set(root.page, root)
    else this.#problems.add(`two different root spans claim page ${root.page}`)
  }

  #addEntry(index: number, entry: JournalEntry): void {
    const known = this.#entries.get(index)
    if (known === undefined) {
      this.#entries.set(index, entry)
      return
    }
    const problem = `two different entries claim index ${index}`
    // Said once is enough: a large entry must not be compared with each of many small ones.
    if (known === entry || this.#problems.has(problem)) return
    if (isDeepStrictEqual(known, entry)) return
    if (canonicalEntry(known) !== canonicalEntry(entry)) this.#problems.add(problem)
  }

  get #run(): PageRoot['run'] {
    return this.#roots.get(0)?.run
  }

  #whatIsMissing(): string[] {
    const run = this.#run
    const reasons: string[] = []
    if (run === undefined) {
      reasons.push(
        'the root span of page 0 is missing or cannot be read, so the number of entries and the digest are unknown',
      )
      if (this.key.live !== undefined) {
        reasons.push(
          'it was recorded live, and such a root is sent when the run ends: the run goes on, or its program ended in the middle of it',
        )
      }
    }
    const pages = run?.pages ?? 0
    const gone = missingRanges([...this.#roots.keys()], pages)
    if (run !== undefined && gone !== '')
      reasons.push(`the root of page ${gone} of ${pages} is missing`)
    for (const { root, spanIds } of this.#pages.values()) {
      if (root !== undefined && spanIds.size < root.spans) {
        reasons.push(`page ${root.page} has ${spanIds.size} of ${root.spans} spans`)
      }
    }
    const lost = missingRanges([...this.#entries.keys()], run?.entries ?? this.#entriesAtLeast())
    const count = run?.entries ?? `${this.#entriesAtLeast()} or more`
    if (lost !== '') reasons.push(`entries ${lost} of ${count} are missing (the first is 0)`)
    return reasons
  }

  /** How many entries there must be, by those that are there. */
  #entriesAtLeast(): number {
    let most = 0
    for (const index of this.#entries.keys()) if (index >= most) most = index + 1
    return most
  }

  #whatDiffers(journal: RunJournal): string[] {
    const run = this.#run
    if (run === undefined) return []
    const reasons: string[] = []
    for (const { root, spanIds } of this.#pages.values()) {
      if (root !== undefined && spanIds.size > root.spans) {
        reasons.push(`page ${root.page} has ${spanIds.size} spans, its root says ${root.spans}`)
      }
    }
    if (this.#entries.size > run.entries) {
      reasons.push(`${this.#entries.size} entries came back, the root says ${run.entries}`)
    }
    if (this.#problems.size === 0 && journalDigest(journal) !== run.digest) {
      reasons.push(
        'every entry is there, but the digest differs: something was cut, rounded or changed on the way',
      )
    }
    return reasons
  }

  #journal(): RunJournal {
    return new RunJournal(this.key.runId, this.#exportName, this.#inOrder(), this.#run?.extra)
  }

  #inOrder(): JournalEntry[] {
    const entries: JournalEntry[] = []
    for (let i = 0; i < this.#entries.size; i++) {
      const entry = this.#entries.get(i)
      if (entry === undefined) return this.#inOrderWithGaps()
      entries.push(entry)
    }
    return entries
  }

  #inOrderWithGaps(): JournalEntry[] {
    const indices = [...this.#entries.keys()].sort((a, b) => a - b)
    return indices.flatMap((index) => this.#entries.get(index) ?? [])
  }
}

/** Whether a page lacks its root, or spans that it announces. */
function isOpen({ root, spanIds }: Page): boolean {
  return root === undefined || spanIds.size < root.spans
}

/** The numbers from 0 to `count` that are not among `present`, as `3, 7-9`; `''` where none is. */
function missingRanges(present: readonly number[], count: number): string {
  const sorted = present.filter((n) => n < count).sort((a, b) => a - b)
  const ranges: string[] = []
  let next = 0
  for (const n of [...sorted, count]) {
    if (n > next) ranges.push(n - next === 1 ? `${next}` : `${next}-${n - 1}`)
    next = n + 1
  }
  if (ranges.length <= NAMED_AT_MOST) return ranges.join(', ')
  return `${ranges.slice(0, NAMED_AT_MOST).join(', ')} and ${ranges.length - NAMED_AT_MOST} more ranges`
}

function shorten(reasons: readonly string[]): string[] {
  if (reasons.length <= NAMED_AT_MOST) return [...reasons]
  return [...reasons.slice(0, NAMED_AT_MOST), `and ${reasons.length - NAMED_AT_MOST} more`]
}
