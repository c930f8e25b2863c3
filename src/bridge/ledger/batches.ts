/** Pages in groups, so that one write to the disk serves many; no page waits for others for long. */
import { setTimeout as sleep } from 'node:timers/promises'
import { sentPage, type TracePage } from '../../mapping/page.js'

/** How large a group gets; its pages are in memory at once. */
const MOST_PAGES = 50
const MOST_SPANS = 1000
/** How long a page waits for others, in ms. */
const LONGEST_WAIT_MS = 20

/**
 * Groups pages in their order. Where they break off with an error, those before it come first.
 *
 * @example
 * for await (const batch of inBatches(pages)) console.log(batch.length)
 */
export async function* inBatches(pages: AsyncIterable<TracePage>): AsyncGenerator<TracePage[]> {
  const reader = new Reader(pages[Symbol.asyncIterator]())
  try {
    for (;;) {
      const batch = await gather(reader)
      if (batch.length === 0) return
      yield batch
    }
  } finally {
    await reader.end()
  }
}

async function gather(reader: Reader): Promise<TracePage[]> {
  const batch: TracePage[] = []
  let spans = 0
  let next: IteratorResult<TracePage> | undefined = await reader.next()
  const waiting = new AbortController()
  const waited = sleep(LONGEST_WAIT_MS, undefined, { signal: waiting.signal }).catch(
    () => undefined,
  )
  while (next !== undefined && !next.done) {
    reader.take()
    batch.push(next.value)
    spans += sentPage(next.value).spans
    if (batch.length === MOST_PAGES || spans >= MOST_SPANS) break
    // An error stays where it is, for the next group to meet.
    next = await Promise.race([reader.next().catch(() => undefined), waited])
  }
  waiting.abort()
  return batch
}

/** Reads one page ahead, so that one that is waited for in vain is not lost. */
class Reader {
  readonly #source: AsyncIterator<TracePage>
  #next: Promise<IteratorResult<TracePage>> | undefined

  constructor(source: AsyncIterator<TracePage>) {
    this.#source = source
  }

  /** The next page; the same until it is taken. */
  next(): Promise<IteratorResult<TracePage>> {
    this.#next ??= this.#source.next()
    return this.#next
  }

  take(): void {
    this.#next = undefined
  }

  async end(): Promise<void> {
    await this.#source.return?.()
  }
}
