/** The SQL of a run, as it was run. */
import { useState } from 'preact/hooks'
import { Shown } from './parts/shown.js'
import { useLive } from './parts/use-live.js'

/**
 * The SQL, with a button that copies it.
 *
 * @example
 * <Query sql="SELECT 1" />
 */
export function Query({ sql }: { readonly sql: string }) {
  const live = useLive()
  const [copied, setCopied] = useState(false)
  const copy = () => {
    navigator.clipboard.writeText(sql).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  }
  return (
    <div class="query">
      <div class="query-head">
        <h3>SQL</h3>
        {live && 'clipboard' in navigator ? (
          <button type="button" class="button" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </button>
        ) : null}
      </div>
      <pre>
        <code>
          <Shown text={sql} />
        </code>
      </pre>
    </div>
  )
}
