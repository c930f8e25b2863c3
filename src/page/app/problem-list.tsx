/** What could not be read, one sentence each. */
import { Shown } from '../parts/shown.js'

/**
 * The sentences as a list.
 *
 * @example
 * <ProblemList problems={['line 5: the last line was cut off']} />
 */
export function ProblemList({ problems }: { readonly problems: readonly string[] }) {
  return (
    <ul>
      {problems.map((problem) => (
        <li key={problem}>
          <Shown text={problem} />
        </li>
      ))}
    </ul>
  )
}
