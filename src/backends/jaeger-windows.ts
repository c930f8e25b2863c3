/**
 * Asking in windows of time: how everything is found where a server gives no more than so many
 * results and has no second page.
 */

/** A stretch of time in microseconds since 1970; both ends belong to it. */
export interface TimeWindow {
  readonly from: bigint
  readonly to: bigint
}

/** An answer that stands for all that there is in its window, or for what could be had of it. */
export interface WindowAnswer<Answer> {
  readonly window: TimeWindow
  readonly answer: Answer
  /** The answer is full and is not asked for in parts: there may be more in the window. */
  readonly isFull: boolean
}

/** How to ask. */
export interface WindowQuestion<Answer> {
  /** How long a window is at most, in microseconds. */
  readonly longest: bigint
  ask(window: TimeWindow): Promise<Answer>
  isFull(answer: Answer): boolean
  /** Where about half of what a full answer holds is older, in microseconds since 1970, if it tells. */
  middleOf(answer: Answer): bigint | undefined
}

/** Some 100,000 runs; a server that answers every question in full would be asked for ever. */
const MOST_QUESTIONS = 20_000

/**
 * Asks for each window, newest first. One whose answer is full is cut in two where the middle of its
 * results is, and asked for again: whichever results the server chose to give, about half of them
 * go to each side, so that there are few more questions than answers that are needed.
 *
 * Neighbours share the microsecond between them, and none is shorter than from one to the next:
 * Jaeger's Badger storage leaves out a trace whose id begins with `ff` where it starts in the very
 * last microsecond that was asked for. One answer is held at a time. After
 * 20,000 questions no window is cut any more.
 *
 * @example
 * for await (const { answer, isFull } of askInWindows(year, question)) console.log(answer)
 */
export async function* askInWindows<Answer>(
  whole: TimeWindow,
  question: WindowQuestion<Answer>,
): AsyncGenerator<WindowAnswer<Answer>> {
  let { to } = whole
  let asked = 0
  while (to > whole.from) {
    const earliest = to - question.longest
    const from = earliest > whole.from ? earliest : whole.from
    const toAsk: TimeWindow[] = [{ from, to }]
    for (let window = toAsk.pop(); window !== undefined; window = toAsk.pop()) {
      const answer = await question.ask(window)
      asked++
      if (!question.isFull(answer)) yield { window, answer, isFull: false }
      else if (window.to - window.from > 1n && asked < MOST_QUESTIONS)
        toAsk.push(...cut(window, question.middleOf(answer)))
      else yield { window, answer, isFull: true }
    }
    to = from
  }
}

/** The newer part last, which is asked for first. */
function cut({ from, to }: TimeWindow, middle: bigint | undefined): [TimeWindow, TimeWindow] {
  const isInside = middle !== undefined && middle > from && middle < to
  const at = isInside ? middle : from + (to - from) / 2n
  return [
    { from, to: at },
    { from: at, to },
  ]
}
