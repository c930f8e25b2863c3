/**
 * A page on its way: adds up what becomes of its parts, until the outcome is known.
 */
import type { SentPage } from '../mapping/page.js'
import type { DeliveryProblem, PageOutcome } from './delivery.js'

/** What became of some spans of a page. */
export interface PartOutcome {
  readonly delivered?: number
  readonly rejected?: number
  readonly unsent?: number
  readonly problem?: DeliveryProblem
  readonly warning?: string
}

/** A page may have thousands of spans that are too large. */
const MOST_MESSAGES = 5

const WORST_FIRST = ['unreachable', 'rejected', 'stopped', 'too_large'] as const
const NOT_ABOUT_SPANS: readonly DeliveryProblem['kind'][] = ['unreachable', 'stopped']

/**
 * Counts the spans of one page; tells when the last of them is settled.
 *
 * @example
 * const progress = new PageProgress(page, (outcome) => outcomes.push(outcome))
 * progress.settle({ delivered: page.spans })
 */
export class PageProgress {
  readonly page: SentPage
  readonly #whenDone: (outcome: PageOutcome) => void
  readonly #problems: DeliveryProblem[] = []
  readonly #warnings = new Set<string>()
  #delivered = 0
  #rejected = 0
  #unsent = 0

  constructor(page: SentPage, whenDone: (outcome: PageOutcome) => void) {
    this.page = page
    this.#whenDone = whenDone
  }

  settle({ delivered = 0, rejected = 0, unsent = 0, problem, warning }: PartOutcome): void {
    this.#delivered += delivered
    this.#rejected += rejected
    this.#unsent += unsent
    if (problem !== undefined) this.#problems.push(problem)
    if (warning !== undefined) this.#warnings.add(warning)
    const settled = this.#delivered + this.#rejected + this.#unsent
    if (settled === this.page.spans) this.#whenDone(this.#outcome())
  }

  #outcome(): PageOutcome {
    const kind = WORST_FIRST.find((worst) => this.#problems.some((each) => each.kind === worst))
    const isPlace =
      kind === 'rejected' &&
      this.#problems.every((each) => each.isPlace || NOT_ABOUT_SPANS.includes(each.kind))
    return {
      page: this.page,
      delivered: this.#delivered,
      present: 0,
      rejected: this.#rejected,
      unsent: this.#unsent,
      ...(kind !== undefined && {
        problem: {
          kind,
          message: this.#messages(),
          ...(isPlace && { isPlace }),
        },
      }),
      ...(this.#warnings.size > 0 && { warning: [...this.#warnings].join('; ') }),
    }
  }

  #messages(): string {
    const messages = [...new Set(this.#problems.map(({ message }) => message))]
    const more = messages.length - MOST_MESSAGES
    const shown = messages.slice(0, MOST_MESSAGES).join('; ')
    return more > 0 ? `${shown}; and ${more} more problems` : shown
  }
}
