/** Something that the server is asked for: while it is waited for, when it came, when it did not. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Shown } from '../parts/shown.js'
import { askJson, reasonOf } from './runs-feed.js'

/** What there is of an answer. An older one stays until the next is there. */
export interface Answer<T> {
  readonly value?: T
  readonly problem?: string
}

/**
 * The answer to a question, asked anew whenever the question or its reason changes.
 *
 * @param reason what the answer depends on besides
 * @example
 * const answer = useAnswer<RunView>('/api/run?run_id=orders_1', '')
 */
export function useAnswer<T>(url: string, reason: string): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T> & { readonly url: string }>({ url })
  useEffect(() => {
    let isWanted = true
    askJson<T>(url).then(
      (value) => isWanted && setAnswer({ url, value }),
      (error) =>
        isWanted &&
        setAnswer((before) => ({
          ...(before.url === url ? before : {}),
          url,
          problem: reasonOf(error),
        })),
    )
    return () => {
      isWanted = false
    }
  }, [url, reason])
  return answer.url === url ? answer : {}
}

/**
 * Shows an answer, or what there is instead.
 *
 * @example
 * <Asked answer={answer} what="orders_1">{(view) => <RunPage view={view} />}</Asked>
 */
export function Asked<T>({
  answer: { value, problem },
  what,
  children,
}: {
  readonly answer: Answer<T>
  readonly what: string
  readonly children: (value: T) => ComponentChildren
}) {
  if (value !== undefined)
    return (
      <>
        {problem !== undefined && (
          <p class="app-problem" role="alert">
            What is shown may be old: {problem}
          </p>
        )}
        {children(value)}
      </>
    )
  return (
    <main class="run-page">
      <h1>
        <Shown text={what} />
      </h1>
      {problem === undefined ? (
        <p role="status">Reading …</p>
      ) : (
        <p role="alert">
          <Shown text={problem} />
        </p>
      )}
    </main>
  )
}
